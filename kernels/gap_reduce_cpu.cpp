/// gap_reduce on the CPU: one (decision, channel) plane per task, in blocks of vector lanes.
#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/gap_reduce.h"

namespace hdecomp::cpu {
namespace {

/// Sums and maxima of one plane, or of a part of it.
struct Plane {
  double activation_sum = 0, gradient_sum = 0;
  float activation_max = 0, gradient_max = 0;
  int32_t position = -1;
};

/// One block of at most `block` elements: short enough for float sums to stay exact to about 1e-6.
constexpr int64_t block = 256;

void reduce_block(const float* g, const float* f, int64_t begin, int64_t end, Plane& plane) {
  float activation_sum = 0, gradient_sum = 0;
  float activation_max = g[begin] * f[begin], gradient_max = g[begin];
#pragma omp simd reduction(+ : activation_sum, gradient_sum) \
    reduction(max : activation_max, gradient_max)
  for (int64_t i = begin; i < end; ++i) {
    const float a = g[i] * f[i];  // Eq. 3
    activation_sum += a;
    gradient_sum += g[i];
    activation_max = std::max(activation_max, a);
    gradient_max = std::max(gradient_max, g[i]);
  }
  plane.activation_sum += activation_sum;
  plane.gradient_sum += gradient_sum;
  plane.gradient_max = begin == 0 ? gradient_max : std::max(plane.gradient_max, gradient_max);
  if (activation_max > plane.activation_max) {  // rarely: look for its first place, still in cache
    plane.activation_max = activation_max;
    int64_t i = begin;
    while (g[i] * f[i] != activation_max) ++i;
    plane.position = static_cast<int32_t>(i);
  }
}

}  // namespace

void gap_reduce(const Context& context, const Tensor& gradient, const Tensor& feature,
                GapResult& result) {
  const int64_t channels = gradient.shape()[1];
  const int64_t area = gradient.shape()[2] * gradient.shape()[3];  // Z
  parallel_for(context, gradient.shape()[0] * channels, [&](int64_t at) {
    const float* g = gradient.data() + at * area;
    const float* f = feature.data() + (at % channels) * area;
    Plane plane;
    for (int64_t begin = 0; begin < area; begin += block) {
      reduce_block(g, f, begin, std::min(begin + block, area), plane);
    }
    result.alpha.data()[at] = static_cast<float>(plane.activation_sum / area);  // Eq. 4
    result.peak.data()[at] = plane.activation_max;                              // Eq. 5
    result.position.data()[at] = plane.position;
    result.mean_gradient.data()[at] = static_cast<float>(plane.gradient_sum / area);
    result.max_gradient.data()[at] = plane.gradient_max;
  });
}

}  // namespace hdecomp::cpu
