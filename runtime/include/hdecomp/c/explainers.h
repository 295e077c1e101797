/* Explainers, and what they say of an image at once: its classes, a layer's features. */
#ifndef HDECOMP_C_EXPLAINERS_H
#define HDECOMP_C_EXPLAINERS_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hdecomp_engine_options {
  size_t struct_size;
  const char* device;    /* "cpu", "cuda", "cuda:1"; NULL: a GPU where there is one */
  int32_t threads;       /* of the CPU; 0: one for every core */
  const char* precision; /* "float32" (also NULL), "bf16"; on a GPU also "tf32", "fp16" */
  int32_t keep_last;     /* not 0: the same image again skips the forward pass */
  int32_t batch;         /* most images that go through the network together; 0: 1 */
} hdecomp_engine_options;

/* `options` may be NULL here and in all functions below: as if all members were 0. */
HDECOMP_C_API hdecomp_status hdecomp_explainer_new(const hdecomp_model* model,
                                                   const hdecomp_engine_options* options,
                                                   hdecomp_explainer** explainer);
HDECOMP_C_API void hdecomp_explainer_free(hdecomp_explainer* explainer);

typedef struct hdecomp_explainer_info {
  size_t struct_size;
  const char* device; /* "cpu", "cuda:0" */
  int64_t batch;
} hdecomp_explainer_info;
HDECOMP_C_API hdecomp_status hdecomp_explainer_get(const hdecomp_explainer* explainer,
                                                   hdecomp_explainer_info* info);
/* How many usable GPUs there are: "cuda:0", "cuda:1", ... */
HDECOMP_C_API int64_t hdecomp_gpu_count(void);

typedef struct hdecomp_class_score {
  size_t struct_size;
  int64_t index;
  const char* name;
  const char* wnid; /* WordNet id, "" where the model has none */
  float score;      /* before the softmax, or the sigmoid */
  float probability;
} hdecomp_class_score;

/* The `count` most probable classes, best first. */
HDECOMP_C_API hdecomp_status hdecomp_classify(hdecomp_explainer* explainer,
                                              const hdecomp_image* image, int32_t count,
                                              hdecomp_scores** scores);
HDECOMP_C_API int64_t hdecomp_scores_count(const hdecomp_scores* scores);
HDECOMP_C_API hdecomp_status hdecomp_scores_get(const hdecomp_scores* scores, int64_t i,
                                                hdecomp_class_score* score);
HDECOMP_C_API void hdecomp_scores_free(hdecomp_scores* scores);

/* What a layer's output is on the image, after its activation. */
HDECOMP_C_API hdecomp_status hdecomp_layer_features(hdecomp_explainer* explainer,
                                                    const hdecomp_image* image, const char* layer,
                                                    hdecomp_features** features);
typedef struct hdecomp_features_info {
  size_t struct_size;
  const char* layer;
  int64_t channels, height, width;
  const float* values; /* (channels, height, width) */
} hdecomp_features_info;
HDECOMP_C_API hdecomp_status hdecomp_features_get(const hdecomp_features* features,
                                                  hdecomp_features_info* info);
HDECOMP_C_API void hdecomp_features_free(hdecomp_features* features);

#ifdef __cplusplus
}
#endif

#endif
