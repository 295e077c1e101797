/// Baselines on a GPU: a warp for each map, a thread for each contribution.
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/gap/baselines.h"

namespace hdecomp::cuda {
namespace {

/// feature, above (planes, area); values, magnitudes (planes); means (channels) or null. Sums of
/// doubles, as on the CPU.
__global__ void __launch_bounds__(block_threads)
    count_from_baselines(const float* feature, const float* means, float* values, float* magnitudes,
                         float* above, int64_t planes, int64_t channels, int64_t area) {
  const int64_t plane = (int64_t{blockIdx.x} * block_threads + threadIdx.x) / warp_lanes;
  const auto lane = static_cast<int64_t>(threadIdx.x % warp_lanes);
  if (plane >= planes) return;  // all of a warp
  const float* from = feature + plane * area;
  double sum = 0, magnitude = 0;
  for (int64_t i = lane; i < area; i += warp_lanes) {
    sum += from[i];
    magnitude += fabsf(from[i]);
  }
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, mask);
    magnitude += __shfl_xor_sync(all_lanes, magnitude, mask);
  }
  const auto cells = static_cast<double>(area);
  const float b = means != nullptr ? means[plane % channels] : static_cast<float>(sum / cells);
  if (lane == 0) {
    values[plane] = b;
    magnitudes[plane] = static_cast<float>(magnitude / cells) + fabsf(b);
  }
  float* to = above + plane * area;
  for (int64_t i = lane; i < area; i += warp_lanes) to[i] = from[i] - b;
}

/// alpha, mean_gradient (D, C), places (D), magnitudes (B, C)
__global__ void __launch_bounds__(block_threads)
    clear_contributions(const Place* places, const float* magnitudes, const float* mean_gradient,
                        float* alpha, int64_t channels, int64_t total) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= total) return;
  const int64_t image = places[i / channels].image;
  if (image < 0) return;  // all zero
  const float noise =
      baseline_rounding * fabsf(mean_gradient[i]) * magnitudes[image * channels + i % channels];
  if (fabsf(alpha[i]) <= noise) alpha[i] = 0;
}

}  // namespace

void subtract_baselines(const Context& context, const Tensor& feature, const Tensor* means,
                        Baselines& baselines, Tensor& above) {
  const Shape& f = feature.shape();
  const int64_t planes = f[0] * f[1];
  launch(context.cuda().stream(), "subtract_baselines", count_from_baselines,
         full_grid(planes * warp_lanes, block_threads), feature.data(),
         means != nullptr ? means->data() : static_cast<const float*>(nullptr),
         baselines.values.data(), baselines.magnitudes.data(), above.data(), planes, f[1],
         f[2] * f[3]);
}

void clear_rounding(const Context& context, std::span<const Place> places,
                    const Baselines& baselines, const Tensor& mean_gradient, Tensor& alpha) {
  const int64_t total = alpha.elements();
  launch(context.cuda().stream(), "clear_rounding", clear_contributions,
         full_grid(total, block_threads), places.data(),
         static_cast<const float*>(baselines.magnitudes.data()),
         static_cast<const float*>(mean_gradient.data()), alpha.data(), alpha.shape()[1], total);
}

}  // namespace hdecomp::cuda
