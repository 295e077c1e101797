/* What the network says of an image that is changed: attacks and what-ifs. */
#ifndef HDECOMP_C_CHANGES_H
#define HDECOMP_C_CHANGES_H

#include "hdecomp/c/explainers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* L-infinity PGD on the pixels, of 0 to 1, until the class is another one. */
typedef struct hdecomp_attack_options {
  size_t struct_size;
  const char* target; /* the class that is attacked, as hdecomp_explain_options */
  const char* aim;    /* the class that it is to become; NULL: any other */
  double eps;         /* how far a pixel may go; 0: 4/255 */
  double step;        /* of a pixel in one of the steps; 0: 2.5 * eps / steps */
  int32_t steps;      /* 0: 20 */
  int32_t restarts;   /* of which the largest loss is taken; 0: 1 */
  int32_t unmoved;    /* not 0: begins at the image; 0: within eps of it, by the seed */
  int32_t channels;   /* of each hdecomp_attacked_kind, that hdecomp_attack_channel() tells of */
  uint64_t seed;
  const hdecomp_stop* stop;
  /* Called with `data` after each step, of all restarts. Not 0 ends the call: HDECOMP_STOPPED. */
  int32_t (*after_step)(void* data, int64_t done, int64_t of);
  void* data;
} hdecomp_attack_options;
HDECOMP_C_API hdecomp_status hdecomp_attack_image(hdecomp_explainer* explainer,
                                                  const hdecomp_image* image,
                                                  const hdecomp_attack_options* options,
                                                  hdecomp_attack** attack);
/* The same of several images, of any number of which as many as the explainer's batch go together:
 * `attacks` is an array of `count`, each of which is the caller's to free. Where it fails, which it
 * does where one image is wrong, nothing is in it. */
HDECOMP_C_API hdecomp_status hdecomp_attack_batch(hdecomp_explainer* explainer,
                                                  const hdecomp_image* const* images, size_t count,
                                                  const hdecomp_attack_options* options,
                                                  hdecomp_attack** attacks);

typedef struct hdecomp_attack_info {
  size_t struct_size;
  int32_t fooled;           /* not 0: the class is another one, the aim if there is one */
  int32_t fooled_in_8_bits; /* not 0: also where the pixels are rounded to 8 bits */
  double distance;          /* of the pixel that went furthest */
  double loss_before, loss; /* cross entropy of the attacked class, or of the aim */
  int64_t height, width;    /* of the network's input */
  const float* planes;      /* (3, height, width) of 0 to 1: the attacked image */
  const char* layer;        /* of the channels, the last stage's end; "" if none were asked for */
} hdecomp_attack_info;
HDECOMP_C_API hdecomp_status hdecomp_attack_get(const hdecomp_attack* attack,
                                                hdecomp_attack_info* info);
/* The attacked class before (0) and after (1); the class that is most probable after, as it was
 * before (2) and is after (3). */
HDECOMP_C_API hdecomp_status hdecomp_attack_score(const hdecomp_attack* attack, int64_t i,
                                                  hdecomp_class_score* score);
/* Which channels an attack is seen in: those of the largest alpha (Eq. 4) above 0. */
typedef enum hdecomp_attacked_kind {
  HDECOMP_OF_ATTACKED_CLASS = 0, /* of the attacked class on the image as it was */
  HDECOMP_OF_NEW_CLASS = 1,      /* of the new class on it */
  HDECOMP_OF_NEW_CLASS_AFTER = 2 /* of the new class on the attacked image */
} hdecomp_attacked_kind;
/* A channel's peak, the maximum of its feature over the map, before and after. */
typedef struct hdecomp_attacked_channel {
  size_t struct_size;
  int64_t channel;
  float before, after;
  double moved; /* the peak's way, in places of the map (Euclid) */
} hdecomp_attacked_channel;
/* At most as many as were asked for; 0 of another kind. */
HDECOMP_C_API int64_t hdecomp_attack_channel_count(const hdecomp_attack* attack,
                                                   hdecomp_attacked_kind kind);
HDECOMP_C_API hdecomp_status hdecomp_attack_channel(const hdecomp_attack* attack,
                                                    hdecomp_attacked_kind kind, int64_t i,
                                                    hdecomp_attacked_channel* channel);
/* The attacked image for other calls: a copy, which is the caller's to free. */
HDECOMP_C_API hdecomp_status hdecomp_attack_copy(const hdecomp_attack* attack,
                                                 hdecomp_image** image);
HDECOMP_C_API void hdecomp_attack_free(hdecomp_attack* attack);

typedef struct hdecomp_what_if_options {
  size_t struct_size;
  const char* target; /* the class in question, as hdecomp_explain_options */
  /* Of pixels "grey" (also NULL), "blur", "mean"; of channels "zero" (also NULL), "mean", "means".
   */
  const char* fill;
  const hdecomp_means* means;
  int32_t controls; /* changes of chance beside it */
  int32_t reserved; /* 0 */
  uint64_t seed;    /* of those */
  const hdecomp_stop* stop;
  /* Called with `data` after each batch of changes. Not 0 ends the call: HDECOMP_STOPPED. */
  int32_t (*after_batch)(void* data, int64_t done, int64_t of);
  void* data;
} hdecomp_what_if_options;

/* What the network says with a box of the photograph's pixels filled. */
HDECOMP_C_API hdecomp_status hdecomp_what_if_box(hdecomp_explainer* explainer,
                                                 const hdecomp_image* image, int64_t x, int64_t y,
                                                 int64_t width, int64_t height,
                                                 const hdecomp_what_if_options* options,
                                                 hdecomp_what_if** result);
/* The same with any of its pixels: those whose byte in `mask`, (height, width) of the photograph,
 * is not 0. The changes of chance are boxes of as many pixels. */
HDECOMP_C_API hdecomp_status hdecomp_what_if_mask(hdecomp_explainer* explainer,
                                                  const hdecomp_image* image, const uint8_t* mask,
                                                  int64_t height, int64_t width,
                                                  const hdecomp_what_if_options* options,
                                                  hdecomp_what_if** result);
/* The same with channels switched off: "conv4_3:330,12,conv5_3:7". */
HDECOMP_C_API hdecomp_status hdecomp_what_if_off(hdecomp_explainer* explainer,
                                                 const hdecomp_image* image, const char* channels,
                                                 const hdecomp_what_if_options* options,
                                                 hdecomp_what_if** result);
/* What is said without the change (0), with it (1), and with those of chance (2, 3, ...): of the
 * class in question and of the one that is most probable then. */
HDECOMP_C_API int64_t hdecomp_what_if_count(const hdecomp_what_if* result);
HDECOMP_C_API hdecomp_status hdecomp_what_if_decision(const hdecomp_what_if* result, int64_t i,
                                                      hdecomp_class_score* score);
HDECOMP_C_API hdecomp_status hdecomp_what_if_predicted(const hdecomp_what_if* result, int64_t i,
                                                       hdecomp_class_score* score);
HDECOMP_C_API void hdecomp_what_if_free(hdecomp_what_if* result);

#ifdef __cplusplus
}
#endif

#endif
