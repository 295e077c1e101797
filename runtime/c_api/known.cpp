/// What the C interface knows of a model's channels: means, names and patches.
#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "runtime/c_api/handles.h"
#include "weights/file/sha256.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

hdecomp_concept concept_of(const ChannelConcepts& concepts, const ChannelConcept* found) {
  if (found == nullptr) return {0, "", 0, 0, 0};
  return {0, concepts.names().at(found->region).name.c_str(), found->iou, found->threshold,
          found->mask};
}

hdecomp_patch patch_of(const PatchFile& file, const Patch& patch) {
  const PatchPlan& plan = file.plan();
  const int32_t decision = file.image(patch.image).decision;
  const bool has_class = decision >= 0 && decision < std::ssize(plan.classes);
  return {0,
          plan.images.at(patch.image).c_str(),
          has_class ? plan.classes[decision].c_str() : "",
          patch.value,
          patch.y,
          patch.x,
          patch.box.y,
          patch.box.x,
          patch.box.height,
          patch.box.width,
          patch.crop->data(),
          patch.crop->size()};
}

/// `path`: the model's file, or a bundled model's name.
std::string sha256_of_model(const char* path) {
  return sha256_of_file(model_file(&required(path, "model_path")));
}

}  // namespace

/// A channel's patches, and the file whose words they are told in.
struct hdecomp_patch_list {
  std::shared_ptr<const PatchFile> file;
  std::vector<Patch> patches;
};

extern "C" {

hdecomp_status hdecomp_means_load(const char* path, const hdecomp_model* model,
                                  const char* model_path, hdecomp_means** means) {
  return guarded([&] {
    required(means, "means");
    put(means, ChannelMeans::load(&required(path, "path"), required(model, "model").model,
                                  sha256_of_model(model_path)));
  });
}

void hdecomp_means_free(hdecomp_means* means) { delete means; }

hdecomp_status hdecomp_concepts_load(const char* path, const hdecomp_model* model,
                                     const char* model_path, hdecomp_concepts** concepts) {
  return guarded([&] {
    required(concepts, "concepts");
    put(concepts, ChannelConcepts::load(&required(path, "path"), required(model, "model").model,
                                        sha256_of_model(model_path)));
  });
}

void hdecomp_concepts_free(hdecomp_concepts* concepts) { delete concepts; }

hdecomp_status hdecomp_concepts_get(const hdecomp_concepts* concepts, hdecomp_concepts_info* info) {
  return guarded([&] {
    const ChannelConcepts& its = *required(concepts, "concepts").concepts;
    give(hdecomp_concepts_info{0, its.images(), std::ssize(its.layers()), its.least_iou(),
                               its.by() == ConceptsBy::patches ? 1 : 0, 0},
         info, "info");
  });
}

hdecomp_status hdecomp_concepts_layer(const hdecomp_concepts* concepts, int64_t i,
                                      const char** name) {
  return guarded([&] {
    required(name, "name");
    *name = at(required(concepts, "concepts").concepts->layers(), i, "layer").layer.c_str();
  });
}

hdecomp_status hdecomp_concepts_find(const hdecomp_concepts* concepts, const char* layer,
                                     int64_t channel, hdecomp_concept* found) {
  return guarded([&] {
    const ChannelConcepts& its = *required(concepts, "concepts").concepts;
    give(concept_of(its, its.find(&required(layer, "layer"), channel)), found, "found");
  });
}

hdecomp_status hdecomp_patches_load(const char* path, const hdecomp_model* model,
                                    const char* model_path, hdecomp_patches** patches) {
  return guarded([&] {
    required(patches, "patches");
    put(patches, PatchFile::load(&required(path, "path"), required(model, "model").model,
                                 sha256_of_model(model_path)));
  });
}

void hdecomp_patches_free(hdecomp_patches* patches) { delete patches; }

hdecomp_status hdecomp_patches_get(const hdecomp_patches* patches, hdecomp_patches_info* info) {
  return guarded([&] {
    const PatchFile& its = *required(patches, "patches").file;
    give(hdecomp_patches_info{0, patch_rankings[static_cast<size_t>(its.by())], its.measured(),
                              its.plan().keep},
         info, "info");
  });
}

hdecomp_status hdecomp_patches_of(const hdecomp_patches* patches, const char* layer,
                                  int64_t channel, const hdecomp_image* without,
                                  hdecomp_patch_list** list) {
  return guarded([&] {
    required(list, "list");
    const auto& file = required(patches, "patches").file;
    const uint64_t pixels = without == nullptr ? 0 : pixel_number(without->image);
    put(list, file, file->of(&required(layer, "layer"), channel, pixels));
  });
}

int64_t hdecomp_patch_list_count(const hdecomp_patch_list* list) {
  return list == nullptr ? 0 : std::ssize(list->patches);
}

hdecomp_status hdecomp_patch_list_get(const hdecomp_patch_list* list, int64_t i,
                                      hdecomp_patch* patch) {
  return guarded([&] {
    const hdecomp_patch_list& its = required(list, "list");
    give(patch_of(*its.file, at(its.patches, i, "patch")), patch, "patch");
  });
}

void hdecomp_patch_list_free(hdecomp_patch_list* list) { delete list; }

}  // extern "C"
