/// A convolution in items that differ from one run of a network in one channel of its input: that
/// run's sums, and what the channel's difference adds to them.
#pragma once

#include "kernels/core/activation.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Item b of a batch differs in channel `first` + b; beyond the last channel in none.
struct ChannelConv {
  int64_t first = 0;
  int64_t channels = 1, groups = 1;  // of the input; a group of outputs reads its own channels
  int64_t stride = 1;
  Activation activation = Activation::none;
};

/// y (items, K, p, q) = activation(base (1, K, p, q) + sum over r, s of weight(k, channel, r, s)
/// differences(b, 0, . + r, . + s)), taps in row-major order: `differences` (items, 1, h, w) hold
/// their halo, h = (p - 1) * stride + kernel height. `weight` (K, channels / groups, k_h, k_w).
void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y);

namespace cpu {
void channel_conv(const Context&, const ChannelConv& conv, const Tensor& weight, const Tensor& base,
                  const Tensor& differences, Tensor& y);
}
namespace cuda {
void channel_conv(const Context&, const ChannelConv& conv, const Tensor& weight, const Tensor& base,
                  const Tensor& differences, Tensor& y);
}

}  // namespace hdecomp
