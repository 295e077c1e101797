/// channel_conv by its definition, in double precision, over tensors made at random.
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/conv/channel_conv.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {

struct ChannelConvExtent {
  int64_t items, outputs, height, width;  // of y
  int64_t kernel_height, kernel_width;
  ChannelConv conv;
};

struct ChannelConvTensors {
  Tensor weight, base, differences;
};
inline ChannelConvTensors random_tensors(const ChannelConvExtent& e) {
  const ChannelConv& conv = e.conv;
  const int64_t height = (e.height - 1) * conv.stride + e.kernel_height;
  const int64_t width = (e.width - 1) * conv.stride + e.kernel_width;
  return {
      random_tensor({e.outputs, conv.channels / conv.groups, e.kernel_height, e.kernel_width}, 1),
      random_tensor({1, e.outputs, e.height, e.width}, 2),
      random_tensor({e.items, 1, height, width}, 3)};
}

/// The sum for one output.
inline double sum_at(const ChannelConvExtent& e, const ChannelConvTensors& t, int64_t item,
                     int64_t output, int64_t y, int64_t x) {
  const ChannelConv& conv = e.conv;
  double sum = t.base.data()[(output * e.height + y) * e.width + x];
  const int64_t channel = conv.first + item, inputs = conv.channels / conv.groups;
  if (channel >= conv.channels || channel / inputs != output / (e.outputs / conv.groups)) {
    return sum;
  }
  const Shape& in = t.differences.shape();
  for (int64_t r = 0; r < e.kernel_height; ++r) {
    for (int64_t s = 0; s < e.kernel_width; ++s) {
      const int64_t tap =
          ((output * inputs + channel % inputs) * e.kernel_height + r) * e.kernel_width + s;
      const int64_t cell = (item * in[2] + y * conv.stride + r) * in[3] + x * conv.stride + s;
      sum += double{t.weight.data()[tap]} * t.differences.data()[cell];
    }
  }
  return sum;
}

/// All of them, after the activation.
inline std::vector<double> expected_values(const ChannelConvExtent& e,
                                           const ChannelConvTensors& t) {
  std::vector<double> values;
  for (int64_t i = 0; i < e.items * e.outputs * e.height * e.width; ++i) {
    const double sum =
        sum_at(e, t, i / (e.outputs * e.height * e.width), i / (e.height * e.width) % e.outputs,
               i / e.width % e.height, i % e.width);
    values.push_back(e.conv.activation == Activation::relu ? std::max(sum, 0.0) : sum);
  }
  return values;
}

}  // namespace hdecomp::op_testing
