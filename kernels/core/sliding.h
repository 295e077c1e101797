/// How often a kernel fits a map: the output's extent of convolutions and pools, on one axis.
#pragma once

#include <cstdint>

namespace hdecomp {

enum class Rounding { down, up };

/// A convolution's or pool's kernel on one axis: `size` taps, `dilation` cells apart, moved by
/// `stride` over a map with `pad` cells before it and `pad_end` behind it.
struct KernelAxis {
  int64_t size = 1, stride = 1, pad = 0, pad_end = 0, dilation = 1;

  /// Of the first to the last tap.
  constexpr int64_t extent() const { return (size - 1) * dilation + 1; }
  bool operator==(const KernelAxis&) const = default;
};

/// (size + pad + pad_end - extent) / stride + 1 steps, rounded down; the kernel must fit the padded
/// map. Rounded up (PyTorch's ceil_mode), a last step may reach beyond the far padding, but must
/// begin inside the map or its near padding.
constexpr int64_t steps_of_kernel(int64_t size, const KernelAxis& kernel,
                                  Rounding rounding = Rounding::down) {
  const int64_t room = size + kernel.pad + kernel.pad_end - kernel.extent();
  if (rounding == Rounding::down) return room / kernel.stride + 1;
  const int64_t steps = (room + kernel.stride - 1) / kernel.stride + 1;
  return (steps - 1) * kernel.stride < size + kernel.pad ? steps : steps - 1;
}

/// Of a kernel with the same padding on both sides.
constexpr int64_t steps_of_kernel(int64_t size, int64_t kernel, int64_t stride, int64_t pad,
                                  Rounding rounding = Rounding::down) {
  return steps_of_kernel(size, KernelAxis{kernel, stride, pad, pad}, rounding);
}

}  // namespace hdecomp
