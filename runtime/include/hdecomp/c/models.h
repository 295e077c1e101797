/* Models: from files, from other frameworks' files, what their parts are called, how photographs
 * become input. */
#ifndef HDECOMP_C_MODELS_H
#define HDECOMP_C_MODELS_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A model file (weights/FORMAT.md). */
HDECOMP_C_API hdecomp_status hdecomp_model_load(const char* path, hdecomp_model** model);
/* The same from its bytes in memory; `name` stands for the file in errors. */
HDECOMP_C_API hdecomp_status hdecomp_model_load_bytes(const void* bytes, size_t size,
                                                      const char* name, hdecomp_model** model);
/* One that comes with hdecomp: "squeezenet" (also NULL), "vgg16-slim". */
HDECOMP_C_API hdecomp_status hdecomp_model_bundled(const char* name, hdecomp_model** model);
/* An architecture ("vgg16", "resnet50", ...) with He-initialised weights, the same bits for the
 * same seed. `classes` of 0: 1,000; a `side` of 0: the architecture's own input size. */
HDECOMP_C_API hdecomp_status hdecomp_model_initialise(const char* arch, uint64_t seed,
                                                      int64_t classes, int64_t side,
                                                      hdecomp_model** model);
HDECOMP_C_API void hdecomp_model_free(hdecomp_model* model);

typedef struct hdecomp_model_info {
  size_t struct_size;
  int64_t classes;                   /* 0: features alone */
  int64_t input_height, input_width; /* of three channels */
  int64_t layers;                    /* with the image, which is the first */
  int64_t stages;
  const char* arch;   /* "vgg16" */
  const char* source; /* what it was made from */
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
/* The same network with two classes: 0, the score of class `one` less that of class `other`, and 1,
 * the reverse. It cannot be saved. */
HDECOMP_C_API hdecomp_status hdecomp_model_versus(const hdecomp_model* model, const char* one,
                                                  const char* other, hdecomp_model** changed);

/* The part of the network's input that the feature at (y, x) of a layer is computed from. */
typedef struct hdecomp_rectangle {
  size_t struct_size;
  int64_t y, x, height, width;
} hdecomp_rectangle;
HDECOMP_C_API hdecomp_status hdecomp_model_receptive_field(const hdecomp_model* model,
                                                           const char* layer, int64_t y, int64_t x,
                                                           hdecomp_rectangle* field);

/* How another framework's weights are read. What is 0 is as the file has it, or its framework. */
typedef struct hdecomp_convert_options {
  size_t struct_size;
  const char* arch; /* if it is not recognised; "graph": the layers of an ONNX file as they are */
  const char* classes; /* a file of the classes' names */
  /* Of a file that holds several networks, the one to take: a checkpoint's dict of tensors
     ("state_dict_ema"), or the first word of its tensors' names ("teacher" of student. and
     teacher.). */
  const char* key;
  int32_t stretch;                     /* of the resize, as hdecomp_preprocess */
  int32_t pixel_range;                 /* 1 or 255: pixels, `mean` and `std` are from 0 to this */
  int64_t resize_height, resize_width; /* both or none */
  int64_t crop_height, crop_width;
  const float* mean; /* of the channels in the network's order, or one for all */
  size_t mean_count; /* 3, 1 or 0 */
  const float* std;
  size_t std_count;
  const char* channel_order; /* "rgb" or "bgr" */
  const char* interpolation; /* "bilinear", "bicubic" or "nearest" */
  const char* const* stages; /* of a graph: the layers that end its stages, first to last */
  size_t stage_count;
  int32_t bottleneck_strides; /* a ResNet's are in its 1x1 (1: Caffe's) or 3x3 convolutions (3) */
  int32_t weights_16;         /* not 0: rounded to 16 bits, half the file */
} hdecomp_convert_options;
/* A .pth, .safetensors, Keras .h5 or .keras, or ONNX file as a model, which hdecomp_model_save()
 * writes. Runs nothing that the file says. */
HDECOMP_C_API hdecomp_status hdecomp_model_convert(const char* path,
                                                   const hdecomp_convert_options* options,
                                                   hdecomp_model** model);
/* What the conversion took for granted, a line each; none of another model. */
HDECOMP_C_API int64_t hdecomp_model_assumed_count(const hdecomp_model* model);
HDECOMP_C_API hdecomp_status hdecomp_model_assumed(const hdecomp_model* model, int64_t i,
                                                   const char** line);

/* Writes a model file, whole or not at all. */
HDECOMP_C_API hdecomp_status hdecomp_model_save(const hdecomp_model* model, const char* path);

#ifdef __cplusplus
}
#endif

#endif
