/// A batch norm as what it does to each channel.
#pragma once

#include <cmath>
#include <span>
#include <vector>

namespace hdecomp::general {

/// y = scale x + shift.
struct ChannelScale {
  std::vector<double> scale, shift;
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy 2015), in double
/// precision.
inline ChannelScale scale_of_batch_norm(std::span<const float> gamma, std::span<const float> beta,
                                        std::span<const float> mean,
                                        std::span<const float> variance, double epsilon) {
  ChannelScale made;
  for (size_t i = 0; i < gamma.size(); ++i) {
    made.scale.push_back(gamma[i] / std::sqrt(variance[i] + epsilon));
    made.shift.push_back(beta[i] - mean[i] * made.scale.back());
  }
  return made;
}

}  // namespace hdecomp::general
