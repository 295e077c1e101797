/// Baselines on the CPU: one map per task, one decision per task.
#include <cmath>

#include "kernels/core/parallel.h"
#include "kernels/gap/baselines.h"

namespace hdecomp::cpu {

void subtract_baselines(const Context& context, const Tensor& feature, const Tensor* means,
                        Baselines& baselines, Tensor& above) {
  const Shape& f = feature.shape();
  const int64_t channels = f[1], area = f[2] * f[3];
  parallel_for(context, f[0] * channels, [&](int64_t plane) {
    const float* from = feature.data() + plane * area;
    double sum = 0, magnitude = 0;
    for (int64_t i = 0; i < area; ++i) {
      sum += from[i];
      magnitude += std::abs(from[i]);
    }
    const auto cells = static_cast<double>(area);
    const float b =
        means != nullptr ? means->data()[plane % channels] : static_cast<float>(sum / cells);
    baselines.values.data()[plane] = b;
    baselines.magnitudes.data()[plane] = static_cast<float>(magnitude / cells) + std::abs(b);
    float* to = above.data() + plane * area;
    for (int64_t i = 0; i < area; ++i) to[i] = from[i] - b;
  });
}

void clear_rounding(const Context& context, std::span<const Place> places,
                    const Baselines& baselines, const Tensor& mean_gradient, Tensor& alpha) {
  const int64_t channels = alpha.shape()[1];
  parallel_for(context, std::ssize(places), [&](int64_t d) {
    if (places[d].image < 0) return;  // all zero
    const float* magnitudes = baselines.magnitudes.data() + places[d].image * channels;
    const float* gradient = mean_gradient.data() + d * channels;
    float* row = alpha.data() + d * channels;
    for (int64_t c = 0; c < channels; ++c) {
      const float noise = baseline_rounding * std::abs(gradient[c]) * magnitudes[c];
      if (std::abs(row[c]) <= noise) row[c] = 0;
    }
  });
}

}  // namespace hdecomp::cpu
