/* What a model's channels are known for: their means over a data set, their patches and names. */
#ifndef HDECOMP_C_KNOWN_H
#define HDECOMP_C_KNOWN_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every channel's mean over a data set, which `hdecomp means` made a file of with this model;
 * `model_path`: the model's file, whose SHA-256 the file names, or the name of a bundled model. */
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

/* What channels look for, which `hdecomp patches` made a file of with this model. */
HDECOMP_C_API hdecomp_status hdecomp_patches_load(const char* path, const hdecomp_model* model,
                                                  const char* model_path,
                                                  hdecomp_patches** patches);
HDECOMP_C_API void hdecomp_patches_free(hdecomp_patches* patches);

typedef struct hdecomp_patches_info {
  size_t struct_size;
  const char* by; /* "activation", "contribution" */
  int64_t images; /* that were measured */
  int64_t top;    /* patches of a channel at most */
} hdecomp_patches_info;
HDECOMP_C_API hdecomp_status hdecomp_patches_get(const hdecomp_patches* patches,
                                                 hdecomp_patches_info* info);

/* The patches of a channel, the largest first; none of a layer or channel that the file does not
 * have. `without`: a photograph that is not to be among them, or NULL. */
HDECOMP_C_API hdecomp_status hdecomp_patches_of(const hdecomp_patches* patches, const char* layer,
                                                int64_t channel, const hdecomp_image* without,
                                                hdecomp_patch_list** list);
typedef struct hdecomp_patch {
  size_t struct_size;
  const char* image;      /* as the run over the images listed it */
  const char* class_name; /* its most probable class; "" where the model has no classes */
  double value;           /* of the feature, or its contribution */
  int64_t y, x;           /* the neuron, in its layer's map */
  int64_t box_y, box_x, box_height, box_width; /* its receptive field, in the photograph's pixels */
  const void* jpeg;                            /* what is in it: a JPEG file */
  size_t jpeg_size;
} hdecomp_patch;
HDECOMP_C_API int64_t hdecomp_patch_list_count(const hdecomp_patch_list* list);
HDECOMP_C_API hdecomp_status hdecomp_patch_list_get(const hdecomp_patch_list* list, int64_t i,
                                                    hdecomp_patch* patch);
HDECOMP_C_API void hdecomp_patch_list_free(hdecomp_patch_list* list);

/* What the files of means, patches and concepts are made from. What is 0 is as the command has it.
 */
typedef struct hdecomp_channel_files_options {
  size_t struct_size;
  /* Engine, images and calls, as hdecomp_experiment_options. */
  const char* device;
  const char* precision;
  int32_t threads;
  int32_t batch;
  const char* const* paths;
  size_t path_count;
  const int32_t* labels;
  int32_t label_by_folder;
  int32_t resume;                                               /* patches and concepts */
  int32_t (*after_batch)(void* data, int64_t done, int64_t of); /* concepts: of two times */
  void* data;
  const hdecomp_stop* stop;

  const char* const* layers; /* patches, concepts: none for the stages' ends */
  size_t layer_count;
  const char* by;             /* patches: "activation" (also NULL), "contribution" */
  int32_t top;                /* patches of a channel */
  int32_t tree_top;           /* N of the trees of "contribution" */
  int32_t side;               /* of a crop's longer side, pixels */
  const char* regions;        /* concepts: the folder of segmentations, */
  const char* region_names;   /* the file of their labels' names, */
  const char* region_kind;    /* as hdecomp_experiment_options, */
  const int32_t* first_label; /* the label of the first name, if they have no numbers */
  double share;               /* concepts: of a channel's values those that are its mask */
  double min_iou;             /* concepts: with less a channel has no name; below 0: each has one */
  int32_t exif;               /* not 0: photographs that were stored turned are turned upright */
  int32_t reserved;           /* 0 */
} hdecomp_channel_files_options;

/* Each writes the file `output` over the images in `folder` or `paths`, the command's byte for
 * byte, and sets `images`, which may be NULL, to how many of them count. `model`: a model file, or
 * the name of a bundled model. */
HDECOMP_C_API hdecomp_status hdecomp_means_make(const char* model, const char* folder,
                                                const char* output,
                                                const hdecomp_channel_files_options* options,
                                                int64_t* images);
HDECOMP_C_API hdecomp_status hdecomp_patches_make(const char* model, const char* folder,
                                                  const char* output,
                                                  const hdecomp_channel_files_options* options,
                                                  int64_t* images);
HDECOMP_C_API hdecomp_status hdecomp_concepts_make(const char* model, const char* folder,
                                                   const char* output,
                                                   const hdecomp_channel_files_options* options,
                                                   int64_t* images);
/* A concepts file from a patches file alone: with less than `min_share` (0: 0.5) of its patches of
 * one class a channel has no name. */
HDECOMP_C_API hdecomp_status hdecomp_concepts_from_patches(const char* model, const char* patches,
                                                           const char* output, double min_share,
                                                           int64_t* images);

#ifdef __cplusplus
}
#endif

#endif
