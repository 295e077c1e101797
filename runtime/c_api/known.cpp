/// What the C interface knows of a model's channels: means and names.
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

}  // namespace

extern "C" {

hdecomp_status hdecomp_means_load(const char* path, const hdecomp_model* model,
                                  const char* model_path, hdecomp_means** means) {
  return guarded([&] {
    required(means, "means");
    put(means, ChannelMeans::load(&required(path, "path"), required(model, "model").model,
                                  sha256_of_file(model_file(&required(model_path, "model_path")))));
  });
}

void hdecomp_means_free(hdecomp_means* means) { delete means; }

hdecomp_status hdecomp_concepts_load(const char* path, const hdecomp_model* model,
                                     const char* model_path, hdecomp_concepts** concepts) {
  return guarded([&] {
    required(concepts, "concepts");
    put(concepts,
        ChannelConcepts::load(&required(path, "path"), required(model, "model").model,
                              sha256_of_file(model_file(&required(model_path, "model_path")))));
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

}  // extern "C"
