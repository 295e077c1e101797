/// How often a kernel fits a map: the output's extent of convolutions and pools, on one axis.
#pragma once

#include <cstdint>

namespace hdecomp {

enum class Rounding { down, up };

/// (size + 2 pad - kernel) / stride + 1 steps, rounded down; the kernel must fit the padded map.
/// Rounded up (PyTorch's ceil_mode), a last step may reach beyond the far padding, but must begin
/// inside the map or its near padding.
constexpr int64_t steps_of_kernel(int64_t size, int64_t kernel, int64_t stride, int64_t pad,
                                  Rounding rounding = Rounding::down) {
  const int64_t room = size + 2 * pad - kernel;
  if (rounding == Rounding::down) return room / stride + 1;
  const int64_t steps = (room + stride - 1) / stride + 1;
  return (steps - 1) * stride < size + pad ? steps : steps - 1;
}

}  // namespace hdecomp
