/// JPEG's inverse DCT, chroma upsampling and colour in integers, with libjpeg-turbo's roundings.
#include "runtime/image/jpeg_kernels.h"

#include <algorithm>

namespace hdecomp {
namespace {

constexpr int side = 8, block_size = side * side;
using Block = int32_t[block_size];

constexpr int weight_bits = 13;
// Between the two passes of the inverse DCT, samples keep this many bits after the point.
constexpr int extra_bits = 2;

/// cosine[k][i]: what coefficient k adds to sample i, times 2^13. That is 1 for k = 0, and else
/// sqrt(2) cos((2 i + 1) k pi / 16). Some weights are 1 off the nearest integer: libjpeg's factored
/// transform amounts to these.
constexpr int32_t cosine[side][side] = {
    {8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192},
    {11363, 9633, 6437, 2260, -2260, -6437, -9633, -11363},
    {10703, 4433, -4433, -10703, -10703, -4433, 4433, 10703},
    {9633, -2259, -11362, -6436, 6436, 11362, 2259, -9633},
    {8192, -8192, -8192, 8192, 8192, -8192, -8192, 8192},
    {6437, -11362, 2261, 9633, -9633, -2261, 11362, -6437},
    {4433, -10704, 10704, -4433, -4433, 10704, -10704, 4433},
    {2260, -6436, 9633, -11363, 11363, -9633, 6436, -2260},
};

uint8_t to_byte(int32_t value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

/// 4 times the triangle filter's value between two samples.
int mix(int near, int far) { return 3 * near + far; }

// libjpeg doubles the width of a narrower plane without a filter.
constexpr int narrowest_filtered = 3;

uint8_t* repeat_columns(uint8_t* out, const uint8_t* in, int width) {
  for (int i = 0; i < width; ++i) out[2 * i] = out[2 * i + 1] = in[i];
  return out;
}

}  // namespace

// The loops of inverse_dct() are split so that each works on one type, which the compiler turns
// into full vector instructions.
void inverse_dct(uint8_t* out, int stride, int16_t* coefficients) {
  Block block, columns;  // `columns`: transformed along the columns only
  std::copy_n(coefficients, block_size, block);
  // All sums stay below 2^31: a column of `cosine` sums up to 61214 in absolute values, times 2^15.
  constexpr int column_shift = weight_bits - extra_bits;
  for (int y = 0; y < side / 2; ++y) {
    for (int x = 0; x < side; ++x) {
      int32_t even = 1 << (column_shift - 1), odd = 0;
      for (int k = 0; k < side; k += 2) {
        even += cosine[k][y] * block[k * side + x];
        odd += cosine[k + 1][y] * block[(k + 1) * side + x];
      }
      columns[y * side + x] = (even + odd) >> column_shift;
      columns[(side - 1 - y) * side + x] = (even - odd) >> column_shift;
    }
  }
  // Only damaged files go beyond 16 bits.
  for (int32_t& value : columns) value = std::clamp(value, -32768, 32767);
  // 3 more bits: both passes together scale by 8. Samples are centred on 128.
  constexpr int row_shift = weight_bits + extra_bits + 3;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      int32_t sum = (128 << row_shift) + (1 << (row_shift - 1));
      for (int k = 0; k < side; ++k) sum += cosine[k][x] * columns[y * side + k];
      block[y * side + x] = sum >> row_shift;
    }
  }
  uint8_t samples[block_size];
  for (int i = 0; i < block_size; ++i) samples[i] = to_byte(block[i]);
  for (int y = 0; y < side; ++y) std::copy_n(samples + y * side, side, out + y * stride);
}

// In the upsampling, values exactly between two levels go up in one column (row) and down in the
// next, so that the plane becomes neither lighter nor darker.

uint8_t* upsample_h2v1(uint8_t* __restrict out, uint8_t* near, uint8_t* /*far*/, int width,
                       int /*factor*/) {
  if (width < narrowest_filtered) return repeat_columns(out, near, width);
  const auto left = [&](int i) {
    return static_cast<uint8_t>((mix(near[i], near[i - 1]) + 1) >> 2);
  };
  const auto right = [&](int i) {
    return static_cast<uint8_t>((mix(near[i], near[i + 1]) + 2) >> 2);
  };
  const int last = width - 1;
  out[0] = near[0];
  out[1] = right(0);
  for (int i = 1; i < last; ++i) {
    out[2 * i] = left(i);
    out[2 * i + 1] = right(i);
  }
  out[2 * last] = left(last);
  out[2 * last + 1] = near[last];
  return out;
}

uint8_t* upsample_h1v2(uint8_t* __restrict out, uint8_t* near, uint8_t* far, int width,
                       int /*factor*/) {
  const int bias = far < near ? 1 : 2;  // the upper output row of a sample, or the lower one
  for (int i = 0; i < width; ++i) {
    out[i] = static_cast<uint8_t>((mix(near[i], far[i]) + bias) >> 2);
  }
  return out;
}

uint8_t* upsample_h2v2(uint8_t* __restrict out, uint8_t* near, uint8_t* far, int width,
                       int /*factor*/) {
  if (width < narrowest_filtered) return repeat_columns(out, near, width);
  const auto column = [&](int i) { return mix(near[i], far[i]); };
  const auto left = [&](int i) {
    return static_cast<uint8_t>((mix(column(i), column(i - 1)) + 8) >> 4);
  };
  const auto right = [&](int i) {
    return static_cast<uint8_t>((mix(column(i), column(i + 1)) + 7) >> 4);
  };
  const int last = width - 1;
  out[0] = static_cast<uint8_t>((4 * column(0) + 8) >> 4);
  out[1] = right(0);
  for (int i = 1; i < last; ++i) {
    out[2 * i] = left(i);
    out[2 * i + 1] = right(i);
  }
  out[2 * last] = left(last);
  out[2 * last + 1] = static_cast<uint8_t>((4 * column(last) + 7) >> 4);
  return out;
}

void ycbcr_to_rgb(uint8_t* __restrict out, const uint8_t* y, const uint8_t* cb, const uint8_t* cr,
                  int count, int step) {
  // Times 2^16.
  constexpr int32_t red_of_cr = 91881, blue_of_cb = 116130;      // 1.402, 1.772
  constexpr int32_t green_of_cb = -22554, green_of_cr = -46802;  // -0.344136, -0.714136
  constexpr int32_t half = 1 << 15;
  constexpr int piece =
      64;  // pixels at a time: the arithmetic apart from the interleaving is faster
  for (int begin = 0; begin < count; begin += piece) {
    const int end = std::min(begin + piece, count);
    uint8_t red[piece], green[piece], blue[piece];
    for (int i = begin; i < end; ++i) {
      const int32_t blueness = cb[i] - 128, redness = cr[i] - 128;
      red[i - begin] = to_byte(y[i] + ((red_of_cr * redness + half) >> 16));
      green[i - begin] =
          to_byte(y[i] + ((green_of_cb * blueness + green_of_cr * redness + half) >> 16));
      blue[i - begin] = to_byte(y[i] + ((blue_of_cb * blueness + half) >> 16));
    }
    for (int i = begin; i < end; ++i) {
      uint8_t* pixel = out + i * step;
      pixel[0] = red[i - begin];
      pixel[1] = green[i - begin];
      pixel[2] = blue[i - begin];
    }
  }
}

}  // namespace hdecomp
