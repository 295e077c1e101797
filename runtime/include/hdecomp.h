/* hdecomp's C interface: load a model, classify and explain photographs, ablate, saliency maps.
 *
 * C99, and C++. Every function that can fail returns an hdecomp_status and writes what it made
 * through its last argument, only where it returns HDECOMP_OK. Nothing is thrown across this
 * interface; hdecomp_last_error() says in one line what was wrong.
 *
 * Objects are opaque and freed by their own hdecomp_..._free(), which takes NULL. An explainer
 * keeps the model it was made of: each may be freed first. Pointers that are read out of an object
 * (texts, lists, maps) live as long as it does, and nothing of the caller's is kept after a call.
 *
 * Threads: any thread may make, use and free any object. A model, an image and every result may be
 * read by several threads at once; an explainer works for one at a time. For several at once make
 * several explainers of one model, which share its weights. hdecomp_last_error() is each thread's
 * own.
 *
 * Structs that go in or come out begin with struct_size, which the caller sets to sizeof of the
 * struct; all other members of one that goes in may be 0 and then mean what is said there:
 *     hdecomp_explain_options options = {.struct_size = sizeof options, .top = 2};
 * So a program that was compiled with an older header runs with a newer library of the same
 * soname; `reserved` members have no meaning yet. Texts are UTF-8; one of NULL is the empty one. */
#ifndef HDECOMP_H
#define HDECOMP_H

#include <stddef.h>
#include <stdint.h>

#include "hdecomp/version.h"

#define HDECOMP_C_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hdecomp_status {
  HDECOMP_OK = 0,
  HDECOMP_FAILED = 1,      /* the machine, or hdecomp itself: no memory, no GPU memory */
  HDECOMP_WRONG = 2,       /* what was given: a file, a name, a number, NULL */
  HDECOMP_WRONG_IMAGE = 3, /* what was given, and another image may do */
  HDECOMP_STOPPED = 4      /* `stop` asked for it */
} hdecomp_status;

typedef struct hdecomp_model hdecomp_model;
typedef struct hdecomp_explainer hdecomp_explainer;
typedef struct hdecomp_image hdecomp_image;
typedef struct hdecomp_scores hdecomp_scores;
typedef struct hdecomp_tree hdecomp_tree;
typedef struct hdecomp_trees hdecomp_trees;
typedef struct hdecomp_ablation hdecomp_ablation;
typedef struct hdecomp_saliency hdecomp_saliency;
typedef struct hdecomp_features hdecomp_features;
typedef struct hdecomp_means hdecomp_means;
typedef struct hdecomp_what_if hdecomp_what_if;
typedef struct hdecomp_text hdecomp_text;
typedef struct hdecomp_stop hdecomp_stop;

/* The library's version, "0.1.0"; HDECOMP_VERSION is the header's. */
HDECOMP_C_API const char* hdecomp_version(void);
/* Why this thread's last call that failed did; "" if none has. Until the next that fails. */
HDECOMP_C_API const char* hdecomp_last_error(void);

/* A text that a function made: no zero byte before its end. */
HDECOMP_C_API const char* hdecomp_text_get(const hdecomp_text* text);
HDECOMP_C_API void hdecomp_text_free(hdecomp_text* text);

/* ---- Models */

/* A model file (weights/FORMAT.md). */
HDECOMP_C_API hdecomp_status hdecomp_model_load(const char* path, hdecomp_model** model);
/* The same from its bytes in memory; `name` stands for the file in errors. */
HDECOMP_C_API hdecomp_status hdecomp_model_load_bytes(const void* bytes, size_t size,
                                                      const char* name, hdecomp_model** model);
/* One that comes with hdecomp: "squeezenet" (also NULL), "vgg16-slim". */
HDECOMP_C_API hdecomp_status hdecomp_model_bundled(const char* name, hdecomp_model** model);
HDECOMP_C_API void hdecomp_model_free(hdecomp_model* model);

typedef struct hdecomp_model_info {
  size_t struct_size;
  int64_t classes;                   /* 0: features alone */
  int64_t input_height, input_width; /* of three channels */
  int64_t layers;                    /* with the image, which is the first */
  int64_t stages;
} hdecomp_model_info;
HDECOMP_C_API hdecomp_status hdecomp_model_get(const hdecomp_model* model,
                                               hdecomp_model_info* info);

typedef struct hdecomp_layer {
  size_t struct_size;
  const char* name;  /* as hdecomp_decompose() and hdecomp_layer_features() take it */
  const char* stage; /* the stage that it ends; "" if none */
  int64_t channels, height, width;
} hdecomp_layer;
HDECOMP_C_API hdecomp_status hdecomp_model_layer(const hdecomp_model* model, int64_t i,
                                                 hdecomp_layer* layer);
/* The name of the layer that ends a stage, from the one below the scores down to the image. */
HDECOMP_C_API hdecomp_status hdecomp_model_stage(const hdecomp_model* model, int64_t i,
                                                 const char** name);

typedef struct hdecomp_class {
  size_t struct_size;
  const char* name; /* "class 7" where the model has no names */
  const char* wnid; /* WordNet id, "" where it has none */
} hdecomp_class;
HDECOMP_C_API hdecomp_status hdecomp_model_class(const hdecomp_model* model, int64_t index,
                                                 hdecomp_class* named);
/* The index of a class by index, WordNet id or name. */
HDECOMP_C_API hdecomp_status hdecomp_model_find_class(const hdecomp_model* model, const char* text,
                                                      int64_t* index);

/* How a photograph becomes the network's input: resized, its centre cropped, and of each RGB
 * channel (value / 255 - mean) / std. */
typedef struct hdecomp_preprocess {
  size_t struct_size;
  int32_t stretch;       /* 0: the smallest that is `resize` or more both ways, of its own shape */
  int32_t interpolation; /* 0: bilinear, 1: bicubic, 2: nearest */
  int64_t resize_height, resize_width;
  int64_t crop_height, crop_width; /* the network's input */
  float mean[3], std[3];
} hdecomp_preprocess;
HDECOMP_C_API hdecomp_status hdecomp_model_preprocess(const hdecomp_model* model,
                                                      hdecomp_preprocess* rule);
/* The same network, which shares the weights, with the caller's rule in place of its file's; the
 * crop must be the network's input. */
HDECOMP_C_API hdecomp_status hdecomp_model_with_preprocess(const hdecomp_model* model,
                                                           const hdecomp_preprocess* rule,
                                                           hdecomp_model** changed);
/* Writes a model file, whole or not at all. */
HDECOMP_C_API hdecomp_status hdecomp_model_save(const hdecomp_model* model, const char* path);

/* Every channel's mean over a data set, which `hdecomp means` made a file of with this model;
 * `model_path`: the model's file, whose SHA-256 the file names. */
HDECOMP_C_API hdecomp_status hdecomp_means_load(const char* path, const hdecomp_model* model,
                                                const char* model_path, hdecomp_means** means);
HDECOMP_C_API void hdecomp_means_free(hdecomp_means* means);

/* ---- Images */

/* A JPEG, PNG, BMP, TGA or PNM file, and what other formats the build reads. */
HDECOMP_C_API hdecomp_status hdecomp_image_load(const char* path, hdecomp_image** image);
/* The same from a file's bytes; `name` stands for it in errors. */
HDECOMP_C_API hdecomp_status hdecomp_image_decode(const void* bytes, size_t size, const char* name,
                                                  hdecomp_image** image);

/* 8-bit pixels. Sample c of (y, x) is bytes[y * row_stride + x * pixel_stride + c *
 * channel_stride]; strides of 0 are those of interleaved samples without gaps. */
typedef struct hdecomp_pixels {
  size_t struct_size;
  const uint8_t* bytes;
  size_t size; /* of `bytes` */
  int64_t height, width;
  int64_t channels; /* 1: grey; 3 (also 0): colours; 4: an alpha beside, which is dropped */
  int64_t row_stride, pixel_stride, channel_stride;
  int32_t bgr;      /* not 0: blue comes first */
  int32_t reserved; /* 0 */
} hdecomp_pixels;
HDECOMP_C_API hdecomp_status hdecomp_image_from_pixels(const hdecomp_pixels* pixels,
                                                       hdecomp_image** image);

/* The model's input itself, float32 (1, 3, height, width), normalised already. `shape` has `rank`
 * sizes: four, or three without the 1. */
HDECOMP_C_API hdecomp_status hdecomp_image_from_input(const hdecomp_model* model,
                                                      const float* values, const int64_t* shape,
                                                      size_t rank, hdecomp_image** image);
HDECOMP_C_API void hdecomp_image_free(hdecomp_image* image);

/* ---- Explainers */

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

/* For ending a long call from another thread: once it is requested, the call that it
 * was given to returns HDECOMP_STOPPED before its next level, batch of channels or of samples, and
 * so does every later one. The explainer can be used on. It may be freed while the call runs. */
HDECOMP_C_API hdecomp_status hdecomp_stop_new(hdecomp_stop** stop);
HDECOMP_C_API void hdecomp_stop_request(hdecomp_stop* stop);
HDECOMP_C_API void hdecomp_stop_free(hdecomp_stop* stop);

/* ---- Classes */

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

/* ---- Trees of evidence */

typedef struct hdecomp_explain_options {
  size_t struct_size;
  const char* target;    /* class index, WordNet id or name; NULL: the most probable class */
  int32_t top;           /* N: supporting channels per decision; 0: 3 */
  int32_t depth;         /* levels below the class score; 0: all stage ends */
  int32_t keep_maps;     /* not 0: nodes have their activation maps */
  int32_t peaks;         /* of each channel at most; 0: 1 */
  double merge_overlaps; /* above 0: channels whose masks overlap by more (IoU) are one node */
  const hdecomp_stop* stop;
  /* A feature that the tree begins with in place of a class: "conv5_3:70@3,3", as
   * hdecomp_decompose() takes it. The levels are the stages below it. */
  const char* from;
  /* Above 0: of each decision as few channels, the largest first, as reach this share of its
   * positive evidence (at most 1), and `top` of them at most. */
  double cover;
  /* Not 0: of each level, what the network says with the channels of the stage that the tree did
   * not choose at 0; hdecomp_tree_json() has it. Not with `from`. */
  int32_t surrogate;
  int32_t guided; /* not 0: nodes have guided backpropagation's picture */
  double
      mask_threshold; /* of merge_overlaps: a mask is where A is above it, of its maximum; 0: 0.5 */
  /* What A = G * (F - b) counts from: "zero" (also NULL), "mean" over the channel's map, or "means"
   * over a data set, the `means`. */
  const char* baseline;
  const hdecomp_means* means;
  /* Called with `data` and 0, once the class is known, then with 1, 2, ... after each level; of
   * hdecomp_explain() alone. Not 0 ends the call, which returns HDECOMP_STOPPED. */
  int32_t (*after_level)(void* data, int32_t level);
  void* data;
} hdecomp_explain_options;
HDECOMP_C_API hdecomp_status hdecomp_explain(hdecomp_explainer* explainer,
                                             const hdecomp_image* image,
                                             const hdecomp_explain_options* options,
                                             hdecomp_tree** tree);
/* The same of `count` images, as many together as the explainer's batch: each gets what it gets
 * alone. */
HDECOMP_C_API hdecomp_status hdecomp_explain_batch(hdecomp_explainer* explainer,
                                                   const hdecomp_image* const* images, size_t count,
                                                   const hdecomp_explain_options* options,
                                                   hdecomp_trees** trees);
HDECOMP_C_API int64_t hdecomp_trees_count(const hdecomp_trees* trees);
/* The tree of an image, which belongs to `trees`; HDECOMP_WRONG_IMAGE for one that has none, with
 * the reason as this thread's last error. */
HDECOMP_C_API hdecomp_status hdecomp_trees_get(const hdecomp_trees* trees, int64_t i,
                                               const hdecomp_tree** tree);
HDECOMP_C_API void hdecomp_trees_free(hdecomp_trees* trees);

typedef struct hdecomp_step_options {
  size_t struct_size;
  int32_t top; /* 0: 3 */
  int32_t keep_maps;
  const int32_t* channels; /* if any: these in place of the `top` */
  size_t channel_count;
  double cover; /* as hdecomp_explain_options, with the three below */
  const char* baseline;
  const hdecomp_means* means;
  int32_t guided;
  int32_t reserved; /* 0 */
} hdecomp_step_options;
/* One step: the decision `from` ("conv5_3:70@3,3", "class:tabby") into layer `to`, as a tree of one
 * level. */
HDECOMP_C_API hdecomp_status hdecomp_decompose(hdecomp_explainer* explainer,
                                               const hdecomp_image* image, const char* from,
                                               const char* to, const hdecomp_step_options* options,
                                               hdecomp_tree** tree);

/* A node, a feature F(channel, y, x) of a layer. Node 0 is the root, the decision: its layer is
 * "scores" for a class score. A decision that the tree meets in several places is decomposed once:
 * their nodes have the same children. */
typedef struct hdecomp_node {
  size_t struct_size;
  const char* layer;
  int64_t channel, y, x;
  double contribution;    /* alpha, Eq. 4, to its parent's decision */
  double share;           /* of the parent's positive contributions */
  double peak;            /* the maximum of A, Eq. 5 */
  double value;           /* F(channel, y, x) */
  int32_t extra_peak;     /* 1, 2, ...: a lower peak of the channel before it */
  const int32_t* members; /* channels that it stands for, too */
  size_t member_count;
  int64_t first_child, child_count; /* nodes first_child, first_child + 1, ... */
  /* The activation map A of (map_height, map_width) where it is not 0: `map_rows` rows of
   * `map_columns` values that begin at (map_top, map_left). NULL where it was not kept. */
  const float* map;
  int64_t map_height, map_width, map_top, map_left, map_rows, map_columns;
  /* Guided backpropagation of the feature to the pixels of the network's input that it is computed
   * from, (3, guided_height, guided_width) that begin at (guided_y, guided_x). NULL where it was
   * not asked for. */
  const float* guided;
  int64_t guided_y, guided_x, guided_height, guided_width;
} hdecomp_node;

/* A node's decomposition into the layer below. Lists have one entry per channel of it. */
typedef struct hdecomp_step {
  size_t struct_size;
  const char* layer;
  int64_t channels, height, width;
  const float* contribution;  /* Eq. 4 */
  const float* peak;          /* the maximum of A; 0 where none is positive */
  const int32_t* position;    /* Eq. 5: y * width + x of it; -1 where there is none */
  const float* mean_gradient; /* of G over the map */
  const float* max_gradient;
  const int32_t* chosen; /* the channels of its evidence, in order */
  size_t chosen_count;
  double value;              /* F of the decision */
  double positive;           /* sum of the positive contributions */
  double total;              /* sum of A over the layer; value - total is the biases' part */
  double chosen_of_positive; /* shares of the chosen channels */
  double chosen_of_value;
} hdecomp_step;

HDECOMP_C_API int64_t hdecomp_tree_node_count(const hdecomp_tree* tree);
HDECOMP_C_API hdecomp_status hdecomp_tree_node(const hdecomp_tree* tree, int64_t i,
                                               hdecomp_node* node);
/* Of a node with children, and of any other that was decomposed; HDECOMP_WRONG for the last level.
 */
HDECOMP_C_API hdecomp_status hdecomp_tree_step(const hdecomp_tree* tree, int64_t i,
                                               hdecomp_step* step);
/* The class of the root; of a tree from a feature index -1, its place as the name, its F as the
 * score and no probability. Of hdecomp_decompose() there is none: HDECOMP_WRONG. */
HDECOMP_C_API hdecomp_status hdecomp_tree_decision(const hdecomp_tree* tree,
                                                   hdecomp_class_score* decision);
/* As the command's --json prints it (tools/TREE_JSON.md); `indent` spaces a level, below 0: one
 * line. */
HDECOMP_C_API hdecomp_status hdecomp_tree_json(const hdecomp_tree* tree, int32_t indent,
                                               hdecomp_text** json);
HDECOMP_C_API void hdecomp_tree_free(hdecomp_tree* tree);

/* ---- Ablation */

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
  double mask_threshold; /* are in hdecomp_ablation_json() */
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
} hdecomp_ablation_info;
HDECOMP_C_API hdecomp_status hdecomp_ablation_get(const hdecomp_ablation* ablation,
                                                  hdecomp_ablation_info* info);
HDECOMP_C_API hdecomp_status hdecomp_ablation_json(const hdecomp_ablation* ablation, int32_t indent,
                                                   hdecomp_text** json);
HDECOMP_C_API void hdecomp_ablation_free(hdecomp_ablation* ablation);

/* ---- Saliency */

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

typedef struct hdecomp_saliency_info {
  size_t struct_size;
  const char* layer; /* "input", or the layer whose map it is */
  int64_t channels, height, width;
  const float* values; /* (channels, height, width), signed */
  int64_t class_index;
} hdecomp_saliency_info;
HDECOMP_C_API hdecomp_status hdecomp_saliency_get(const hdecomp_saliency* map,
                                                  hdecomp_saliency_info* info);
HDECOMP_C_API void hdecomp_saliency_free(hdecomp_saliency* map);

/* ---- What if */

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
} hdecomp_what_if_options;

/* What the network says with a box of the photograph's pixels filled. */
HDECOMP_C_API hdecomp_status hdecomp_what_if_box(hdecomp_explainer* explainer,
                                                 const hdecomp_image* image, int64_t x, int64_t y,
                                                 int64_t width, int64_t height,
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

/* ---- Features */

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
