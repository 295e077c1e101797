/// The C interface's pictures and folders of files.
#include "hdecomp/cores.h"
#include "runtime/c_api/tree_handles.h"
#include "tools/output/saliency_file.h"
#include "tools/output/tree_folder.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;
using tools::Pictures;

tools::TreeFiles files_of(const hdecomp_tree_files& given) {
  tools::TreeFiles files;
  choose(files.pictures, "pictures", given.pictures, tools::picture_choices);
  choose(files.look.colours, "colours", given.colours, colour_names);
  files.look.svg = given.svg != 0;
  files.look.pdf = given.pdf != 0;
  files.html = given.html != 0;
  take(files.top, given.top);
  if (given.maps != nullptr) {
    files.maps = tools::map_forms[choice_of("maps", given.maps, tools::map_forms, 0)];
  }
  files.threads = given.threads == 0 ? process_cores() : given.threads;
  if (files.threads < 1) throw UserError(joined("threads ", given.threads, ": give 1 or more"));
  files.progress = [report = callback(given.after_picture, given.data),
                    stop = token_of(given.stop)](int64_t done, int64_t all) {
    if (report) report(done, all);
    end_if_stopped(stop);
  };
  return files;
}

std::vector<SaliencyMap> maps_of(const hdecomp_saliency* const* given, size_t count,
                                 const char* name) {
  if (count > 0) required(given, name);
  std::vector<SaliencyMap> maps;
  for (size_t i = 0; i < count; ++i) maps.push_back(required(given[i], name).map);
  return maps;
}

tools::ReportParts parts_of(const hdecomp_tree_files& given) {
  tools::ReportParts parts;
  parts.maps = maps_of(given.saliency, given.saliency_count, "saliency");
  if (given.patch_count > 0) required(given.patches, "patches");
  for (size_t i = 0; i < given.patch_count; ++i) {
    parts.patches.push_back(required(given.patches[i], "patches").file);
  }
  return parts;
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
    const tools::TreeFiles wanted = files_of(given);
    if (its.tree) {
      Tree timed = *its.tree;  // whose copy shares all but the times
      tools::write_tree(timed, wanted, folder, given.name == nullptr ? "image" : given.name, photo,
                        of, parts_of(given));
    } else {
      DecisionStep timed = *its.step;
      tools::write_step(timed, wanted, folder, photo, of);
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
