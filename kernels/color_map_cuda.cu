/// color_map on a GPU: one or four pixels per thread.
#include <cmath>

#include "kernels/color_map.h"
#include "kernels/core/context_cuda.h"
#include "kernels/divider.cuh"
#include "kernels/full_grid.cuh"
#include "kernels/quads_device.cuh"

namespace hdecomp::cuda {
namespace {

constexpr int block_threads = 256;

__device__ float to_unit(float value) { return value > 0 ? fminf(value, 1.0f) : 0.0f; }  // NaN: 0
__device__ float mix(float a, float b, float share) { return __fmaf_rn(b - a, share, a); }

/// lround of 0 to 2^22, halves up, in plain additions: adding 1.5 * 2^23 leaves no room for a
/// fraction, so that the sum is rounded, halves to even; those that went down go up again.
__device__ uint32_t rounded(float value) {
  constexpr float without_fraction = 12582912.0f;
  const float even = __fadd_rn(__fadd_rn(value, without_fraction), -without_fraction);
  const float away = value - even == 0.5f ? 1.0f : 0.0f;
  return static_cast<uint32_t>(even + away);
}

/// Channel `c` of a pixel under the map's value, with the CPU's roundings; `share` is the colour's.
__device__ uint32_t tinted(uint32_t pixel, float value, float share, int c) {
  const float centre = 0.75f - 0.25f * static_cast<float>(c);  // of jet's trapezium; exact
  const float height = to_unit(1.5f - 4.0f * fabsf(value - centre));
  const auto colour = static_cast<float>(rounded(height * 255.0f));
  return rounded(mix(static_cast<float>(pixel), colour, share));
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
    blended[i * 3 + c] = static_cast<uint8_t>(tinted(from[c], value, share, c));
  }
}

/// The same for four pixels; `total` counts fours.
__global__ void __launch_bounds__(block_threads)
    tint_quads(const float4* map, const PixelQuad* view, PixelQuad* blended, Divider by_quads,
               uint32_t total) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= total) return;
  const float4 four = map[i];
  const PixelQuad from = view[i - by_quads.quotient(i) * by_quads.divisor];
  const float values[4] = {to_unit(four.x), to_unit(four.y), to_unit(four.z), to_unit(four.w)};
  PixelQuad to{{0, 0, 0}};
  for (int p = 0; p < 4; ++p) {
    const float share = share_of(values[p]);
    for (int c = 0; c < 3; ++c) {
      to.add_byte(p * 3 + c, tinted(from.byte(p * 3 + c), values[p], share, c));
    }
  }
  blended[i] = to;
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
