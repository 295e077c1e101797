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
    require_output(&required(output, "output"), {&path, 1});
    const Model loaded = Model::load(path);
    EngineOptions engine;
    engine.batch = 4;
    take_engine(given, engine);
    const FileRun run{&required(output, "output"), given.resume != 0, file_sha256(path),
                      callback(given.after_batch, given.data), token_of(given.stop)};
    const CountedPhotos counted =
        write(given, loaded, engine, files_of(folder, given, loaded), run);
    if (images != nullptr) *images = counted.images;
  });
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_means_make(const char* model, const char* folder, const char* output,
                                  const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const Options&, const Model& its, const EngineOptions& engine,
                 const ExperimentFiles& files,
                 const FileRun& run) { return write_means(its, engine, files, run); });
}

hdecomp_status hdecomp_patches_make(const char* model, const char* folder, const char* output,
                                    const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const Options& given, const Model& its, const EngineOptions& engine,
                 const ExperimentFiles& files, const FileRun& run) {
                PatchOptions patches;
                patches.layers = texts_of(given.layers, given.layer_count, "layers");
                choose(patches.by, "by", given.by, patch_rankings);
                take(patches.top, given.top);
                take(patches.tree_top, given.tree_top);
                take(patches.side, given.side);
                return write_patches(its, engine, patches, files, run);
              });
}

hdecomp_status hdecomp_concepts_make(const char* model, const char* folder, const char* output,
                                     const Options* options, int64_t* images) {
  return made(model, folder, output, options, images,
              [](const Options& given, const Model& its, const EngineOptions& engine,
                 const ExperimentFiles& files, const FileRun& run) {
                ConceptOptions concepts;
                concepts.layers = texts_of(given.layers, given.layer_count, "layers");
                take(concepts.share, given.share);
                take(concepts.least_iou, given.min_iou);
                if (given.min_iou < 0) concepts.least_iou = 0;
                return write_concepts(its, engine, concepts, regions_of(given, "concepts"), files,
                                      run);
              });
}

hdecomp_status hdecomp_concepts_from_patches(const char* model, const char* patches,
                                             const char* output, double min_share,
                                             int64_t* images) {
  return guarded([&] {
    const std::string path = model_file(text_of(model));
    const double least = min_share == 0 ? 0.5 : min_share;
    require_output(&required(output, "output"), {&path, 1});
    const CountedPhotos counted =
        write_patch_names(Model::load(path), &required(patches, "patches"), least,
                          &required(output, "output"), file_sha256(path));
    if (images != nullptr) *images = counted.images;
  });
}

}  // extern "C"
