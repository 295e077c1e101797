/// The arithmetic of JPEG decoding (inverse DCT, chroma upsampling, colour), rounded as
/// libjpeg-turbo does. stb_image's own kernels are up to 3 levels of 255 away from what PIL
/// decodes.
#pragma once

#include <cstdint>

// The signatures are those of stb_image's function pointers (runtime/image/stb.cpp).
namespace hdecomp {

/// Inverse DCT of 64 dequantised coefficients (row by row) to 8 x 8 samples, `stride` bytes from
/// row to row. Any coefficients are safe.
void inverse_dct(uint8_t* out, int stride, int16_t* coefficients);

/// Chroma upsampling with a triangle filter: weights 3/4 for the nearer and 1/4 for the farther
/// sample. The names tell the horizontal (h) and vertical (v) factor.
///
/// `near` and `far` are rows of `width` >= 1 samples of one plane: the one that the output row lies
/// in, and its neighbour on the other side (the same row at the plane's upper and lower edge). Each
/// function writes 2 * width (h1v2: width) samples to `out` and returns it. `factor` is unused.
uint8_t* upsample_h2v1(uint8_t* out, uint8_t* near, uint8_t* far, int width, int factor);
uint8_t* upsample_h1v2(uint8_t* out, uint8_t* near, uint8_t* far, int width, int factor);
uint8_t* upsample_h2v2(uint8_t* out, uint8_t* near, uint8_t* far, int width, int factor);

/// Turns `count` pixels of YCbCr (ITU-R BT.601, full range) to RGB, `step` >= 3 bytes from pixel to
/// pixel; writes only the first 3 of each.
void ycbcr_to_rgb(uint8_t* out, const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int count,
                  int step);

}  // namespace hdecomp
