/* Trees of evidence, and single steps. */
#ifndef HDECOMP_C_TREES_H
#define HDECOMP_C_TREES_H

#include "hdecomp/c/explainers.h"

#ifdef __cplusplus
extern "C" {
#endif

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
   * not choose at 0, which hdecomp_tree_level() gives. Not with `from`. */
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
  const hdecomp_concepts*
      concepts; /* names for channels, which nodes and hdecomp_tree_json() have then */
  /* Called with `data` after each batch of hdecomp_explain_batch() alone, with how many images are
   * done. Not 0 ends the call: HDECOMP_STOPPED. */
  int32_t (*after_batch)(void* data, int64_t done, int64_t of);
  /* Not 0: with each decision the channels that most speak against it, as many as `top` (with
   * `cover` as were chosen), which hdecomp_tree_against() and the report have; of hdecomp_explain()
   * alone. */
  int32_t against;
  int32_t reserved; /* 0 */
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
/* hdecomp_explain_batch() in two halves, for one batch after the other, each of as many images as
 * the explainer's batch at most: a GPU works on those that are begun while the next images are read
 * and the trees of the oldest are put together, which hdecomp_finish_batch() returns. Until all are
 * finished the explainer makes no other trees: HDECOMP_FAILED. */
HDECOMP_C_API hdecomp_status hdecomp_begin_batch(hdecomp_explainer* explainer,
                                                 const hdecomp_image* const* images, size_t count,
                                                 const hdecomp_explain_options* options);
HDECOMP_C_API hdecomp_status hdecomp_finish_batch(hdecomp_explainer* explainer,
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
  /* Not 0: `channels` are shown as evidence against the decision: their places are where A is
   * lowest, and they need no A above 0. */
  int32_t against;
  const hdecomp_stop* stop;
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
  const char* concept_name; /* as `concepts` has its channel; "" without a name, or without them */
  double concept_part;      /* as hdecomp_concept's */
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
/* What speaks against a node's decision, with hdecomp_explain_options' `against`: as
 * hdecomp_decompose() gives it, whose nodes 1, 2, ... are the channels, the lowest contribution
 * first, each where its A is lowest. It belongs to `tree`; NULL where nothing does. */
HDECOMP_C_API hdecomp_status hdecomp_tree_against(const hdecomp_tree* tree, int64_t i,
                                                  const hdecomp_tree** against);
/* The class of the root; of a tree from a feature index -1, its place as the name, its F as the
 * score and no probability. Of hdecomp_decompose() there is none: HDECOMP_WRONG. */
HDECOMP_C_API hdecomp_status hdecomp_tree_decision(const hdecomp_tree* tree,
                                                   hdecomp_class_score* decision);
/* What a level of a tree holds of its decision, from the one below the root down;
 * hdecomp_decompose() has none. */
typedef struct hdecomp_tree_level_info {
  size_t struct_size;
  const char* layer;
  int64_t channels; /* distinct ones of its nodes, with those that merged ones stand for */
  double reach;     /* the share of the positive evidence that reaches it through chosen neurons */
  /* With `surrogate`, else 0 and NULL: with all other channels of the stage at 0 the most probable
   * class, whether it is the tree's, and the probability that is left to that. */
  int32_t has_surrogate, same;
  int64_t class_index;
  const char* class_name;
  double probability;
} hdecomp_tree_level_info;
HDECOMP_C_API int64_t hdecomp_tree_level_count(const hdecomp_tree* tree);
HDECOMP_C_API hdecomp_status hdecomp_tree_level(const hdecomp_tree* tree, int64_t i,
                                                hdecomp_tree_level_info* level);
/* As the command's --json prints it (tools/TREE_JSON.md); `indent` spaces a level, below 0: one
 * line. */
HDECOMP_C_API hdecomp_status hdecomp_tree_json(const hdecomp_tree* tree, int32_t indent,
                                               hdecomp_text** json);
HDECOMP_C_API void hdecomp_tree_free(hdecomp_tree* tree);

#ifdef __cplusplus
}
#endif

#endif
