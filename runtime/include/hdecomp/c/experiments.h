/* Experiments: measurements over many images, as the command makes them, and their results files.
 */
#ifndef HDECOMP_C_EXPERIMENTS_H
#define HDECOMP_C_EXPERIMENTS_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is 0 is as the verb of the kind has it, which reads what it has a flag for alone. */
typedef struct hdecomp_experiment_options {
  size_t struct_size;
  /* The engine, as hdecomp_engine_options. */
  const char* device;
  const char* precision;
  int32_t threads;
  int32_t batch; /* 0: 4 */
  /* The images, in place of a folder; `labels` has a class index for each, -1 for none. */
  const char* const* paths;
  size_t path_count;
  const int32_t* labels;
  int32_t label_by_folder; /* not 0: an image's class is called as the folder that it is in */
  int32_t resume;          /* not 0: what the results file does not have yet alone */
  /* Called with `data` after each batch. Not 0 ends the call: HDECOMP_STOPPED. What was measured is
   * in the file, and `resume` goes on with it. */
  int32_t (*after_batch)(void* data, int64_t done, int64_t of);
  void* data;
  const hdecomp_stop* stop;

  const char* target;    /* as hdecomp_explain_options, or "label": each image's own */
  int32_t top;           /* N of the trees */
  int32_t all_decisions; /* pcc, masking, distribution; not 0: of the whole tree */
  const char* fill;      /* as hdecomp_ablation_options; what-ifs: as hdecomp_what_if_options */
  const hdecomp_means* means; /* of it */
  const char* method;         /* pcc, masking, distribution: "fast", "naive" */
  double merge_overlaps;      /* distribution; class-graph: 0 merges none */
  double mask_threshold;      /* below 0: all that is positive */
  int32_t peaks;              /* distribution */
  int32_t steps;              /* importance, attack */
  uint64_t seed;
  const char* ranking;         /* sparse: "contribution", "magnitude" */
  const char* count;           /* discriminate: "decision", "image" */
  int32_t min_count, shuffles; /* discriminate, for the tables of its results */
  int32_t depth;               /* context, class-graph */
  int32_t restarts;            /* attack, with the four below */
  const char* aim;
  double eps, step;
  const char* regions;        /* context: the folder of segmentations, */
  const char* region_names;   /* the file of their labels' names, */
  const char* region_kind;    /* "any" (also NULL), "pascal-context-59", ..., */
  const int32_t* first_label; /* the label of the first name, if they have no numbers */
  const char* at;             /* what-ifs: "top" (also NULL), "LAYER:CHANNEL" */
  const char* off;            /* in place of it: the same, or "LAYER:CHANNEL,..." */
  const char* region;         /* of `at`: "mask" (also NULL), "field" */
  int32_t controls;           /* below 0: none */
  int32_t failures;           /* not 0: what is classified wrongly alone */
  const char* const* methods; /* randomise, compare-models, with what is below */
  size_t method_count;
  const char* order;   /* "top-down" (also NULL), "bottom-up", "independent" */
  const char* unit;    /* "layer" (also NULL), "block" */
  const char* draw;    /* "he" (also NULL), "permute", "torch" */
  const char* gap_sum; /* as hdecomp_saliency_options */
  const int32_t* tops; /* N of gap's tree, in place of `top` */
  size_t top_count;
  int32_t samples;
  int32_t own_target; /* not 0: the changed network's own most probable class */
  const char* other;  /* compare-models: a model file, or a bundled model's name */
  int32_t unmoved;    /* attack: as hdecomp_attack_options */
  int32_t exif;       /* not 0: photographs that were stored turned are turned upright */
} hdecomp_experiment_options;

/* Measures the images in a folder, or `paths`, and writes a results file, which must not be there
 * without `resume`. `kind`: the verb: "pcc", "masking", "distribution", "sparse", "importance",
 * "randomise", "discriminate", "attack", "context", "class-graph", "what-ifs", "compare-models".
 * `model`: a model file, or the name of a bundled model. The file is the command's, byte for byte
 * (tools/RESULTS_FORMAT.md).
 * Several calls at once want a file each. */
HDECOMP_C_API hdecomp_status hdecomp_experiment_run(const char* kind, const char* model,
                                                    const char* folder, const char* output,
                                                    const hdecomp_experiment_options* options,
                                                    hdecomp_results** results);

typedef struct hdecomp_results_info {
  size_t struct_size;
  const char* experiment;
  int64_t images, fields, steps;
} hdecomp_results_info;
HDECOMP_C_API hdecomp_status hdecomp_results_get(const hdecomp_results* results,
                                                 hdecomp_results_info* info);
/* A decomposition: "scores->conv5_3". */
HDECOMP_C_API hdecomp_status hdecomp_results_step(const hdecomp_results* results, int64_t i,
                                                  const char** step);
/* What was asked, by the names that the file has it under: "class", "fill". */
HDECOMP_C_API hdecomp_status hdecomp_results_option(const hdecomp_results* results,
                                                    const char* name, const char** value);

typedef enum hdecomp_image_state {
  HDECOMP_IMAGE_PENDING = 0,
  HDECOMP_IMAGE_MEASURED = 1,
  HDECOMP_IMAGE_UNREADABLE = 2, /* no image that can be decoded */
  HDECOMP_IMAGE_UNDECIDED = 3   /* no decision to measure: the score is not positive */
} hdecomp_image_state;

typedef struct hdecomp_result_image {
  size_t struct_size;
  const char* name; /* the path; of a folder below it */
  int32_t state;    /* hdecomp_image_state */
  int32_t label;    /* class index; -1: none */
  const char* why;  /* why this run did not measure it; "" if it did, or an earlier one */
} hdecomp_result_image;
HDECOMP_C_API hdecomp_status hdecomp_results_image(const hdecomp_results* results, int64_t i,
                                                   hdecomp_result_image* image);

typedef struct hdecomp_result_field {
  size_t struct_size;
  const char* name;
  const float* values;  /* NaN where an image has none */
  const int64_t* shape; /* (images, ...) */
  int64_t rank;
} hdecomp_result_field;
HDECOMP_C_API hdecomp_status hdecomp_results_field(const hdecomp_results* results, int64_t i,
                                                   hdecomp_result_field* field);
HDECOMP_C_API hdecomp_status hdecomp_results_find(const hdecomp_results* results, const char* name,
                                                  hdecomp_result_field* field);
/* The tables and pages that the command writes of its results file, which the call that made
 * `results` wrote and is still there. */
typedef struct hdecomp_table_options {
  size_t struct_size;
  /* class-graph: */
  double share;                     /* of each level's weight that is shown, at most 1; 0: 0.8 */
  const hdecomp_concepts* concepts; /* names for channels; discriminate's page has them, too */
  const hdecomp_patches* const* patches; /* what they look for, on pages */
  size_t patch_count;
} hdecomp_table_options;
/* Writes them. */
HDECOMP_C_API hdecomp_status hdecomp_results_write_tables(const hdecomp_results* results,
                                                          const hdecomp_table_options* options);
/* The text of one: ".csv", ".md", ".channels.csv" (attack, discriminate, what-ifs), ".labels.csv"
 * (context), ".edges.csv" (class-graph). HDECOMP_WRONG, and which there are, for another. */
HDECOMP_C_API hdecomp_status hdecomp_results_table(const hdecomp_results* results,
                                                   const char* extension,
                                                   const hdecomp_table_options* options,
                                                   hdecomp_text** table);
/* The page of discriminate, context or class-graph, one HTML file's text; HDECOMP_WRONG for another
 * experiment. */
HDECOMP_C_API hdecomp_status hdecomp_results_page(const hdecomp_results* results,
                                                  const hdecomp_table_options* options,
                                                  hdecomp_text** page);
/* Writes it beside the results file, as --html of the first two. */
HDECOMP_C_API hdecomp_status hdecomp_results_write_page(const hdecomp_results* results,
                                                        const hdecomp_table_options* options);
/* Of class-graph the folder that --output-dir writes: graphs.html, and a picture for each class,
 * called as its index. */
HDECOMP_C_API hdecomp_status hdecomp_results_write_graphs(const hdecomp_results* results,
                                                          const char* output_dir,
                                                          const hdecomp_table_options* options);
/* One of these pictures, a PNG file's bytes; HDECOMP_WRONG where no image has a tree of the class.
 */
HDECOMP_C_API hdecomp_status hdecomp_results_graph_picture(const hdecomp_results* results,
                                                           int64_t class_index,
                                                           const hdecomp_table_options* options,
                                                           hdecomp_bytes** png);
HDECOMP_C_API void hdecomp_results_free(hdecomp_results* results);

#ifdef __cplusplus
}
#endif

#endif
