/// 2-D convolution (cross-correlation) with bias and an activation; its gradient to
/// the input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/core/activation.h"
#include "kernels/core/context.h"
#include "kernels/core/sliding.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// A convolution for one input extent.
struct ConvSpec {
  int64_t batch = 1, in_channels = 0, height = 0, width = 0;
  int64_t out_channels = 0;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_h = 0, pad_w = 0;  // zeros at the top and at the left
  int64_t groups = 1;
  Activation activation = Activation::none;  // of convolution + bias
  std::string layer = {};                    // for errors
  int64_t far_h = 0, far_w = 0;              // how many more zeros at the bottom and at the right
  int64_t dilation_h = 1, dilation_w = 1;

  KernelAxis y() const { return {kernel_h, stride_h, pad_h, pad_h + far_h, dilation_h}; }
  KernelAxis x() const { return {kernel_w, stride_w, pad_w, pad_w + far_w, dilation_w}; }
  /// The same padding on all opposite sides, no dilation.
  bool is_plain() const { return far_h == 0 && far_w == 0 && dilation_h == 1 && dilation_w == 1; }
  int64_t out_height() const { return steps_of_kernel(height, y()); }
  int64_t out_width() const { return steps_of_kernel(width, x()); }
  Shape input_shape() const { return {batch, in_channels, height, width}; }
  Shape output_shape() const { return {batch, out_channels, out_height(), out_width()}; }
  Shape weight_shape() const { return {out_channels, in_channels / groups, kernel_h, kernel_w}; }
  /// Of all images, taps outside the map included.
  double multiply_adds() const {
    return static_cast<double>(weight_shape().elements()) * static_cast<double>(batch) *
           static_cast<double>(out_height() * out_width());
  }
};

/// A planned convolution: made once for its extent and weights, run often. Running takes no memory
/// after the first calls of each direction but a few words.
class Conv {
 public:
  virtual ~Conv() = default;

  /// y(n, o) = activation(sum over i, r, s of weight(o, i, r, s) x(n, i, . + r, . + s) + bias(o)).
  void forward(const Tensor& x, Tensor& y);
  /// dx = W^T dy: the gradient before the activation (dy must already be masked) carried to the
  /// input.
  void backward_data(const Tensor& dy, Tensor& dx);

  const ConvSpec& spec() const { return spec_; }

 protected:
  explicit Conv(const ConvSpec& spec) : spec_(spec) {}

 private:
  virtual void run_forward(const Tensor& x, Tensor& y) = 0;
  virtual void run_backward_data(const Tensor& dy, Tensor& dx) = 0;

  ConvSpec spec_;
};

class WeightStore;  // kernels/conv/weight_store.h

/// `weight` (out, in / groups, kernel_h, kernel_w) and `bias` (out) must outlive the plan, as must
/// the context. With a store, which must outlive it too, what the CPU makes of the weight is shared
/// with all plans that have the store. Throws Error if the extents do not fit together.
std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias, WeightStore* store = nullptr);

namespace cpu {
std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias, WeightStore* store);
}
namespace cuda {
std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias);
}

}  // namespace hdecomp
