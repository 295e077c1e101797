/// The C interface's files of means, patches and concepts, as it makes them.
#include "hdecomp/channel_files.h"

#include "hdecomp/model_file.h"
#include "runtime/c_api/photo_files.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

using Options = hdecomp_channel_files_options;

/// Has `write` make the file of a model, of how many images of which `images` tells.
template <class Write>
hdecomp_status made(const char* model, const char* folder, const char* output,
                    const Options* options, int64_t* images, const Write& write) {
  return guarded([&] {
    const Options given = options_of(options, "options");
    const std::string path = model_file(text_of(model));
    ChannelRun of{path, Model::load(path)};
    of.engine = run_engine(given);
    of.files = files_of(folder, given, of.model);
    of.run = run_into(output, given, of.path);
    const CountedPhotos counted = write(of, given);
    if (images != nullptr) *images = counted.images;
  });
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_means_make(const char* model, const char* folder, const char* output,
                                  const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const ChannelRun& of, const Options&) { return write_means(of); });
}

hdecomp_status hdecomp_patches_make(const char* model, const char* folder, const char* output,
                                    const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const ChannelRun& of, const Options& given) {
                PatchOptions patches;
                patches.layers = texts_of(given.layers, given.layer_count, "layers");
                choose(patches.by, "by", given.by, patch_rankings);
                take(patches.top, given.top);
                take(patches.tree_top, given.tree_top);
                take(patches.side, given.side);
                return write_patches(of, patches);
              });
}

hdecomp_status hdecomp_concepts_make(const char* model, const char* folder, const char* output,
                                     const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const ChannelRun& of, const Options& given) {
                ConceptOptions concepts;
                concepts.layers = texts_of(given.layers, given.layer_count, "layers");
                take(concepts.share, given.share);
                take(concepts.least_iou, given.min_iou);
                if (given.min_iou < 0) concepts.least_iou = 0;
                return write_concepts(of, concepts, regions_of(given, "concepts"));
              });
}

hdecomp_status hdecomp_concepts_from_patches(const char* model, const char* patches,
                                             const char* output, double min_share,
                                             int64_t* images) {
  return guarded([&] {
    const double least = min_share == 0 ? 0.5 : min_share;
    const CountedPhotos counted =
        write_patch_names(model_file(text_of(model)), &required(patches, "patches"), least,
                          &required(output, "output"));
    if (images != nullptr) *images = counted.images;
  });
}

}  // extern "C"
