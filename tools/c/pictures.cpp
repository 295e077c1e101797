/// The C interface's pictures and folders of files.
#include "runtime/c_api/tree_handles.h"
#include "tools/c/given_files.h"
#include "tools/output/saliency_file.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;
std::vector<SaliencyMap> maps_of(const hdecomp_saliency* const* given, size_t count,
                                 const char* name) {
  if (count > 0) required(given, name);
  std::vector<SaliencyMap> maps;
  for (size_t i = 0; i < count; ++i) maps.push_back(required(given[i], name).map);
  return maps;
}

ReportParts parts_of(const hdecomp_tree& tree, const hdecomp_tree_files& given) {
  return {maps_of(given.saliency, given.saliency_count, "saliency"),
          patch_files(given.patches, given.patch_count), tree.against};
}

int64_t side_of(int32_t given) { return given == 0 ? 224 : given; }

std::vector<uint8_t> pyramid_of(const Tree& tree, const Image& photo, const Model& model,
                                const char* form, const char* colours) {
  constexpr const char* forms[] = {"png", "svg", "pdf"};
  const size_t wanted = choice_of("form", &required(form, "form"), forms, 0);
  auto look = Colours::jet;
  choose(look, "colours", colours, colour_names);
  if (wanted == 0) return encode_png(draw_pyramid(tree, photo, model, look));
  const std::string text =
      wanted == 1 ? pyramid_svg(tree, photo, model, look) : pyramid_pdf(tree, photo, model, look);
  return {text.begin(), text.end()};
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_tree_write(const hdecomp_tree* tree, const hdecomp_image* image,
                                  const hdecomp_model* model, const char* output_dir,
                                  const hdecomp_tree_files* files) {
  return guarded([&] {
    const hdecomp_tree& its = required(tree, "tree");
    const Image& photo = required(image, "image").image;
    const Model& of = required(model, "model").model;
    const std::string folder = &required(output_dir, "output_dir");
    const hdecomp_tree_files given = options_of(files, "files");
    const TreeFiles wanted = tree_files(given);
    if (its.tree) {
      save_tree(*its.tree, photo, of, folder, wanted, given.name == nullptr ? "image" : given.name,
                parts_of(its, given));
    } else {
      save_step(*its.step, photo, of, folder, wanted);
    }
  });
}

hdecomp_status hdecomp_tree_pyramid(const hdecomp_tree* tree, const hdecomp_image* image,
                                    const hdecomp_model* model, const char* form,
                                    const char* colours, hdecomp_bytes** file) {
  return guarded([&] {
    required(file, "file");
    const hdecomp_tree& its = required(tree, "tree");
    if (!its.tree) throw UserError("the tree of hdecomp_decompose() is one step: no pyramid");
    put(file, pyramid_of(*its.tree, required(image, "image").image, required(model, "model").model,
                         form, colours));
  });
}

hdecomp_status hdecomp_saliency_write(const hdecomp_saliency* const* maps, size_t count,
                                      const hdecomp_image* image, const hdecomp_model* model,
                                      int32_t side, const char* output) {
  return guarded([&] {
    tools::write_maps_of(maps_of(maps, count, "maps"), required(image, "image").image,
                         required(model, "model").model, side_of(side),
                         &required(output, "output"));
  });
}

hdecomp_status hdecomp_saliency_picture(const hdecomp_saliency* const* maps, size_t count,
                                        const hdecomp_image* image, const hdecomp_model* model,
                                        int32_t side, hdecomp_bytes** png) {
  return guarded([&] {
    required(png, "png");
    put(png,
        encode_png(tools::draw_maps(maps_of(maps, count, "maps"), required(image, "image").image,
                                    required(model, "model").model, side_of(side))));
  });
}

}  // extern "C"
