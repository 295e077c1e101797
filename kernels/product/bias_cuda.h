/// The end of a convolution or linear layer where the library's product comes without it.
#pragma once

#include <cstdint>

#include "kernels/core/activation.h"
#include "kernels/core/context.h"

namespace hdecomp::cuda {

/// An array (n, channels, plane), counted in 32 bits, which a GPU divides several times as fast.
struct Layout {
  uint32_t elements, channels, plane;

  /// Throws Error from 2^31 elements on, which is cuDNN's own limit.
  Layout(int64_t images, int64_t channel_count, int64_t plane_size);

  /// Whether its elements can be taken four at a time from `memory` on, 16-byte aligned floats, and
  /// no four reach into a second plane.
  bool in_quads(const void* memory) const {
    return plane % 4 == 0 && reinterpret_cast<uintptr_t>(memory) % 16 == 0;
  }
};

/// y = activation(y + bias(channel)), in place.
void add_bias(const Context& context, const float* bias, const Layout& layout,
              Activation activation, float* y);

}  // namespace hdecomp::cuda
