/* What a model's channels are known for: their means over a data set, and their names. */
#ifndef HDECOMP_C_KNOWN_H
#define HDECOMP_C_KNOWN_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every channel's mean over a data set, which `hdecomp means` made a file of with this model;
 * `model_path`: the model's file, whose SHA-256 the file names. */
HDECOMP_C_API hdecomp_status hdecomp_means_load(const char* path, const hdecomp_model* model,
                                                const char* model_path, hdecomp_means** means);
HDECOMP_C_API void hdecomp_means_free(hdecomp_means* means);
/* Names for channels, which `hdecomp concepts` made a file of with this model. */
HDECOMP_C_API hdecomp_status hdecomp_concepts_load(const char* path, const hdecomp_model* model,
                                                   const char* model_path,
                                                   hdecomp_concepts** concepts);
HDECOMP_C_API void hdecomp_concepts_free(hdecomp_concepts* concepts);

typedef struct hdecomp_concepts_info {
  size_t struct_size;
  int64_t images;     /* that they were found on */
  int64_t layers;     /* whose channels may have names */
  double least;       /* with a smaller `part` a channel has no name */
  int32_t by_patches; /* not 0: by the classes of a channel's patches; else by segmentations */
  int32_t reserved;   /* 0 */
} hdecomp_concepts_info;
HDECOMP_C_API hdecomp_status hdecomp_concepts_get(const hdecomp_concepts* concepts,
                                                  hdecomp_concepts_info* info);
HDECOMP_C_API hdecomp_status hdecomp_concepts_layer(const hdecomp_concepts* concepts, int64_t i,
                                                    const char** name);

/* What a channel looks for. All of it is 0, and the name "", where it has no name. */
typedef struct hdecomp_concept {
  size_t struct_size;
  const char* name; /* "face" */
  double part;      /* intersection over union with it; by patches their share */
  double threshold; /* its mask is where its feature is at least this */
  int64_t mask;     /* pixels of that, or patches */
} hdecomp_concept;
HDECOMP_C_API hdecomp_status hdecomp_concepts_find(const hdecomp_concepts* concepts,
                                                   const char* layer, int64_t channel,
                                                   hdecomp_concept* found);

#ifdef __cplusplus
}
#endif

#endif
