/// color_map on a GPU: one or four pixels per thread.
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/map/color_map.h"

namespace hdecomp::cuda {
namespace {

__device__ float to_unit(float value) { return __saturatef(value); }  // NaN: 0
__device__ float mix(float a, float b, float share) { return __fmaf_rn(b - a, share, a); }

// Bytes and floats turn into each other by plain additions: conversions run at an eighth of their
// rate. A whole number from 0 to 255 plus 2^23 is a float whose byte 0 is that number; plus 2^15, a
// float whose byte 1 is the number and whose byte 0 is a fraction.

/// 2^23 + byte `i` of `word`.
__device__ float raised(uint32_t word, int i) {
  return __uint_as_float(__byte_perm(word, 0x4b000000, 0x7540 + i));
}
/// The same of lround of 0 to 255, halves up: both sums are rounded down, as then the first is
/// below the next whole number exactly where the true one is, and the second drops its fraction.
__device__ float raised_rounded(float value) {
  return __fadd_rd(__fadd_rd(value, 0.5f), 8388608.0f);
}
/// lround of 0 to 255, halves up, as byte 1.
__device__ uint32_t rounded_byte1(float value) {
  return __float_as_uint(__fadd_rd(value, 32768.5f));
}

/// Channel `c` of a pixel, a byte of `word`, under the map's value, with the CPU's roundings: as
/// byte 1. `share` is the colour's.
__device__ uint32_t tinted(uint32_t word, int byte, float value, float share, int c) {
  const float centre = 0.75f - 0.25f * static_cast<float>(c);  // of jet's trapezium; exact
  const float height = to_unit(1.5f - fabsf(4.0f * value - 4.0f * centre));
  const float pixel = raised(word, byte);
  const float more = raised_rounded(height * 255.0f) - pixel;  // exact
  return rounded_byte1(__fmaf_rn(more, share, pixel - 8388608.0f));
}

/// The bytes 1 of four words as one.
__device__ uint32_t packed(const uint32_t (&words)[4]) {
  return __byte_perm(__byte_perm(words[0], words[1], 0x0051),
                     __byte_perm(words[2], words[3], 0x0051), 0x5410);
}

/// How much of the colour a pixel takes.
__device__ float share_of(float value) { return mix(faintest_colour, strongest_colour, value); }

// map (n, pixels), view (pixels, 3), blended (n, pixels, 3)
__global__ void __launch_bounds__(block_threads)
    tint_pixels(const float* map, const uint8_t* view, uint8_t* blended, int64_t pixels,
                int64_t total) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= total) return;
  const float value = to_unit(map[i]);
  const float share = share_of(value);
  const uint8_t* from = view + i % pixels * 3;
  for (int c = 0; c < 3; ++c) {
    blended[i * 3 + c] = static_cast<uint8_t>(tinted(from[c], 0, value, share, c) >> 8);
  }
}

/// Four pixels under four values.
__device__ PixelQuad tinted(const PixelQuad& from, const float4& map) {
  constexpr int channels = 3, word = 4;
  const float values[] = {to_unit(map.x), to_unit(map.y), to_unit(map.z), to_unit(map.w)};
  PixelQuad to;
  for (int w = 0; w < channels; ++w) {
    uint32_t bytes[word];
    for (int b = 0; b < word; ++b) {
      const int i = w * word + b;
      const float value = values[i / channels];
      bytes[b] = tinted(from.words[w], b, value, share_of(value), i % channels);
    }
    to.words[w] = packed(bytes);
  }
  return to;
}

/// tint_pixels for four pixels per thread; `total` counts fours.
__global__ void __launch_bounds__(block_threads)
    tint_quads(const float4* map, const PixelQuad* view, PixelQuad* blended, Divider by_quads,
               uint32_t total) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= total) return;
  blended[i] = tinted(view[i - by_quads.quotient(i) * by_quads.divisor], map[i]);
}

}  // namespace

void color_map(const Context& context, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended) {
  const int64_t pixels = map.shape()[1] * map.shape()[2], total = map.shape()[0] * pixels;
  if (total == 0) return;
  const cudaStream_t stream = context.cuda().stream();
  const bool quads = pixels % 4 == 0 && total / 4 <= INT32_MAX && is_aligned(map.data()) &&
                     is_aligned(view.data()) && is_aligned(blended.data());
  if (!quads) {
    launch(stream, "color_map", tint_pixels, full_grid(total, block_threads), map.data(),
           view.data(), blended.data(), pixels, total);
    return;
  }
  launch(stream, "color_map", tint_quads, full_grid(total / 4, block_threads),
         reinterpret_cast<const float4*>(map.data()),
         reinterpret_cast<const PixelQuad*>(view.data()),
         reinterpret_cast<PixelQuad*>(blended.data()), Divider::by(pixels / 4),
         static_cast<uint32_t>(total / 4));
}

}  // namespace hdecomp::cuda
