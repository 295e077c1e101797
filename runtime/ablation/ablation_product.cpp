/// The fast ablation's products.
#include "runtime/ablation/ablation_product.h"

#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

/// Rows for a product. Some of a weight's rows are copied on a GPU: its libraries want them to
/// begin at aligned addresses, and by the address a weight's 16-bit copy is known.
Tensor factor(const Context& context, BufferPool& pool, const Tensor& all, const Shape& shape,
              int64_t first) {
  Tensor there = weight_rows(all, shape, first);
  if (there.device() == Device{} || there.elements() == all.elements()) return there;
  Tensor own = take_tensor<float>(pool, shape);
  copy(context, there, own);
  return own;
}

}  // namespace

Tensor weight_rows(const Tensor& all, const Shape& shape, int64_t first) {
  float* data = const_cast<float*>(all.data()) + first * (shape.elements() / shape[0]);
  return {all.device(), shape, data};
}

WindowProduct::WindowProduct(const Context& context, BufferPool& pool, const ConvSpec& spec,
                             const LayerWeights& weights, int64_t first_row)
    : bias_(factor(context, pool, weights.bias, {spec.out_channels}, first_row)) {
  if (!spec.is_plain() || spec.groups > 1 || spec.out_height() * spec.out_width() > 1) {
    weight_ = factor(context, pool, weights.weight, spec.weight_shape(), first_row);
    conv_ = make_conv(context, spec, weight_, bias_);
    return;
  }
  const int64_t units = spec.in_channels * spec.kernel_h * spec.kernel_w;
  weight_ = factor(context, pool, weights.weight, {spec.out_channels, units}, first_row);
  const LinearSpec linear{spec.batch, units, spec.out_channels, spec.activation, spec.layer, true};
  linear_ = make_linear(context, linear, weight_, bias_);
}

void WindowProduct::forward(const Tensor& x, Tensor& y) {
  return conv_ ? conv_->forward(x, y) : linear_->forward(x, y);
}

}  // namespace hdecomp
