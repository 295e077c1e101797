/// Kernels into Winograd's transform, sixteen output channels at a time.
#pragma once

#include <array>
#include <cstdint>

namespace hdecomp::cpu::winograd_weights {

constexpr int64_t block = 16, taps = 9;
/// Of sixteen input channels, the taps of each, each of sixteen output channels.
using Kernels = std::array<float, block * taps * block>;

/// Where what is transformed goes: floats from one input channel to the next, and from one
/// position of the transform to the next.
struct Steps {
  int64_t in, position;
};

/// For tiles of 4 x 4, of 36 positions, and of 2 x 2, of 16, where register_tile::is_wide().
void transform_large(const Kernels& kernels, const Steps& steps, float* to);
void transform_small(const Kernels& kernels, const Steps& steps, float* to);

}  // namespace hdecomp::cpu::winograd_weights
