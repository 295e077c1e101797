/// The fast ablation's products.
#include "runtime/ablation_product.h"

namespace hdecomp {
namespace {

/// Rows of a weight from `first` on, as a tensor of that shape in the same memory.
Tensor view(const Tensor& all, const Shape& shape, int64_t first) {
  float* data = const_cast<float*>(all.data()) + first * (shape.elements() / shape[0]);
  return {Device{}, shape, data};
}

}  // namespace

WindowProduct::WindowProduct(const Context& context, const ConvSpec& spec,
                             const LayerWeights& weights, int64_t first_row)
    : weight_(view(weights.weight, spec.weight_shape(), first_row)),
      bias_(view(weights.bias, {spec.out_channels}, first_row)) {
  if (spec.groups > 1 || spec.out_height() * spec.out_width() > 1) {
    conv_ = make_conv(context, spec, weight_, bias_);
    return;
  }
  const int64_t units = spec.in_channels * spec.kernel_h * spec.kernel_w;
  weight_ = view(weights.weight, {spec.out_channels, units}, first_row);
  linear_ = make_linear(context, {spec.batch, units, spec.out_channels, spec.relu, spec.layer},
                        weight_, bias_);
}

void WindowProduct::forward(const Tensor& x, Tensor& y) {
  return conv_ ? conv_->forward(x, y) : linear_->forward(x, y);
}

void add_channel(const AblationKernel& kernel, const float* weight, const AblationRegion& in,
                 const float* difference, const AblationRegion& out, float* to) {
  for (int64_t r = 0; r < kernel.height; ++r) {
    for (int64_t s = 0; s < kernel.width; ++s) {
      const float w = weight[r * kernel.width + s];
      for (int64_t y = 0; y < out.height; ++y) {
        const float* from = difference + (y * kernel.stride + r) * in.width + s;
        float* row = to + y * out.width;
        for (int64_t x = 0; x < out.width; ++x) row[x] += w * from[x * kernel.stride];
      }
    }
  }
}

}  // namespace hdecomp
