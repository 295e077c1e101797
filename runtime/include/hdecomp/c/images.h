/* Images: photographs, pixels, and the network's own input. */
#ifndef HDECOMP_C_IMAGES_H
#define HDECOMP_C_IMAGES_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

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
/* Turns a photograph that was stored turned, as its EXIF tag says, upright; another stays. */
HDECOMP_C_API hdecomp_status hdecomp_image_upright(hdecomp_image* image);
typedef struct hdecomp_image_info {
  size_t struct_size;
  int64_t height, width; /* pixels, as it is stored */
} hdecomp_image_info;
HDECOMP_C_API hdecomp_status hdecomp_image_get(const hdecomp_image* image,
                                               hdecomp_image_info* info);
HDECOMP_C_API void hdecomp_image_free(hdecomp_image* image);

#ifdef __cplusplus
}
#endif

#endif
