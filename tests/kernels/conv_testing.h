/// What the tests of convolutions share.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/map/elementwise.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {

/// Map (1, c, h, w) as it lies in blocks of `block` channels, of all of them with the channels
/// last; and back.
inline Tensor in_blocks(const Tensor& plain, int64_t block, bool back = false) {
  const int64_t channels = plain.shape()[1], area = plain.shape()[2] * plain.shape()[3];
  Tensor to({}, plain.shape());
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t i = 0; i < area; ++i) {
      const int64_t laid = (c / block * area + i) * block + c % block, flat = c * area + i;
      to.data()[back ? flat : laid] = plain.data()[back ? laid : flat];
    }
  }
  return to;
}

/// A planned convolution between host tensors.
class ConvLayer {
 public:
  ConvLayer(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias)
      : context_(context),
        weight_(copied_to(context.device(), context, weight)),
        bias_(copied_to(context.device(), context, bias)),
        in_(context.device(), spec.input_shape()),
        out_(context.device(), spec.output_shape()),
        plan_(make_conv(context, spec, weight_, bias_)) {}

  Tensor forward(const Tensor& x) {
    copy(context_, x, in_);
    plan_->forward(in_, out_);
    return copied_to(Device{}, context_, out_);
  }
  /// From the gradient before the ReLU.
  Tensor backward(const Tensor& dy) {
    copy(context_, dy, out_);
    plan_->backward_data(out_, in_);
    return copied_to(Device{}, context_, in_);
  }
  /// From the gradient of the fused ReLU's output at x.
  Tensor backward_relu(const Tensor& x, const Tensor& dy) {
    const Tensor y = copied_to(context_.device(), context_, forward(x));
    Tensor masked = copied_to(context_.device(), context_, dy);
    activation_backward(context_, Activation::relu, y, masked, masked);
    return backward(copied_to(Device{}, context_, masked));
  }

 private:
  const Context& context_;
  Tensor weight_, bias_;
  Tensor in_, out_;  // on the device, kept: central differences call thousands of times
  std::unique_ptr<Conv> plan_;
};

}  // namespace hdecomp::op_testing
