/// From 8-bit RGB pixels to a network's input: interleaved bytes become normalised planes.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// What is taken off each RGB channel, of values in [0, 1], and what the rest is divided by.
struct ChannelScale {
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
};

/// result(n, c, y, x) = (image(n, y, x, c) / 255 - mean(c)) / std(c), each step rounded to float:
/// the same bits on every device. `image` (n, height, width, 3), `result` (n, 3, height, width).
void normalise_image(const Context& context, const TensorOf<uint8_t>& image,
                     const ChannelScale& scale, Tensor& result);

namespace cpu {
void normalise_image(const Context&, const TensorOf<uint8_t>& image, const ChannelScale&,
                     Tensor& result);
}
namespace cuda {
void normalise_image(const Context&, const TensorOf<uint8_t>& image, const ChannelScale&,
                     Tensor& result);
}

}  // namespace hdecomp
