/* Exact ablation, and saliency maps. */
#ifndef HDECOMP_C_MEASURES_H
#define HDECOMP_C_MEASURES_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hdecomp_ablation_options {
  size_t struct_size;
  int32_t zero;  /* not 0: channels become 0; 0: their mean on the image */
  int32_t naive; /* not 0: a run of the network per channel */
  int32_t top;   /* N of the step beside it; 0: 3 */
  const hdecomp_stop* stop;
  const char* fill;           /* in place of `zero`: "mean", "zero", or "means", the `means` */
  const char* baseline;       /* of the step beside it, as hdecomp_explain_options */
  const hdecomp_means* means; /* of either */
  double merge_overlaps; /* above 0: channels that overlap are ablated together, too; the groups */
  double mask_threshold; /* are what hdecomp_ablation_group() gives */
  /* Called with `data` after each batch of channels; of groups, if any, it counts anew. Not 0 ends
   * the call: HDECOMP_STOPPED. */
  int32_t (*after_batch)(void* data, int64_t done, int64_t of);
  void* data;
} hdecomp_ablation_options;

/* The exact drop of the decision `from` for every channel of `to` (NULL: the stage below). */
HDECOMP_C_API hdecomp_status hdecomp_ablate(hdecomp_explainer* explainer,
                                            const hdecomp_image* image, const char* from,
                                            const char* to, const hdecomp_ablation_options* options,
                                            hdecomp_ablation** ablation);

typedef struct hdecomp_ablation_info {
  size_t struct_size;
  const char* layer;
  int64_t channels;
  const float* drops;        /* per channel: F - F with that channel filled */
  const float* first_order;  /* their first-order estimates */
  const float* contribution; /* gAP's, Eq. 4 */
  double rounding;           /* the largest drop that rounding alone can make */
  int32_t unchanged;         /* not 0: no drop is larger */
  /* Pearson's correlation of the drops with the contributions and the estimates; NaN where either
   * is constant, or the drops are rounding. */
  double with_contribution, with_first_order;
  double with_peak, with_mean_gradient, with_max_gradient;
  int64_t groups; /* of overlapping channels, if asked for */
} hdecomp_ablation_info;
HDECOMP_C_API hdecomp_status hdecomp_ablation_get(const hdecomp_ablation* ablation,
                                                  hdecomp_ablation_info* info);
/* Channels that overlap, ablated together. */
typedef struct hdecomp_ablation_channels {
  size_t struct_size;
  const int32_t* channels; /* two or more, by falling contribution */
  size_t channel_count;
  double drop;         /* with all of them filled */
  double members_drop; /* their own drops, added up */
} hdecomp_ablation_channels;
HDECOMP_C_API hdecomp_status hdecomp_ablation_group(const hdecomp_ablation* ablation, int64_t i,
                                                    hdecomp_ablation_channels* group);
HDECOMP_C_API hdecomp_status hdecomp_ablation_json(const hdecomp_ablation* ablation, int32_t indent,
                                                   hdecomp_text** json);
HDECOMP_C_API void hdecomp_ablation_free(hdecomp_ablation* ablation);

/* HDECOMP_WRONG for what the method has no use for, unless it is 0 or as without it. */
typedef struct hdecomp_saliency_options {
  size_t struct_size;
  const char* method; /* as `hdecomp saliency --method`; NULL: "gradient" */
  const char* target; /* as hdecomp_explain_options */
  int32_t samples;    /* of smoothgrad and integrated-gradients; 0: 50 */
  uint64_t seed;      /* of smoothgrad's noise */
  const hdecomp_stop* stop;
  double noise;           /* of smoothgrad, a share of the input's range; 0: 0.15 */
  int32_t relu;           /* not 0: what is negative of grad-cam and gap-cam becomes 0 */
  int32_t top;            /* gap: N of the tree; 0: 3 */
  const char* lrp_rule;   /* "epsilon", "epsilon-plus" (also NULL), "epsilon-plus-flat" */
  double epsilon;         /* LRP's stabiliser; 0: 1e-6 */
  const char* path_start; /* integrated-gradients: "zero" (also NULL), "black", "blur" */
  const char* gap_sum;    /* gap: "leaf" (also NULL), "weighted", "chain" */
  /* Called with `data` after each batch of samples. Not 0 ends the call: HDECOMP_STOPPED. */
  int32_t (*after_samples)(void* data, int64_t done, int64_t of);
  void* data;
} hdecomp_saliency_options;
HDECOMP_C_API hdecomp_status hdecomp_saliency_map(hdecomp_explainer* explainer,
                                                  const hdecomp_image* image,
                                                  const hdecomp_saliency_options* options,
                                                  hdecomp_saliency** map);
/* The same of several images, of any number of which as many as the explainer's batch go together:
 * `maps` is an array of `count`, each of which is the caller's to free. Where it fails nothing is
 * in it. */
HDECOMP_C_API hdecomp_status hdecomp_saliency_batch(hdecomp_explainer* explainer,
                                                    const hdecomp_image* const* images,
                                                    size_t count,
                                                    const hdecomp_saliency_options* options,
                                                    hdecomp_saliency** maps);

typedef struct hdecomp_saliency_info {
  size_t struct_size;
  const char* layer; /* "input", or the layer whose map it is */
  int64_t channels, height, width;
  const float* values; /* (channels, height, width), signed */
  int64_t class_index;
  /* Of integrated-gradients: the sum of the map, and the difference of the scores at the path's
   * ends, which it is but for the error of the samples. */
  double sum, difference;
  int64_t leaves; /* gap: distinct neurons */
  double paths;   /* gap: on which they are reached */
} hdecomp_saliency_info;
HDECOMP_C_API hdecomp_status hdecomp_saliency_get(const hdecomp_saliency* map,
                                                  hdecomp_saliency_info* info);
HDECOMP_C_API void hdecomp_saliency_free(hdecomp_saliency* map);

#ifdef __cplusplus
}
#endif

#endif
