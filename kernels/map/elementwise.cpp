/// ReLU and add: the contracts' checks and the choice of the device.
#include "kernels/map/elementwise.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void relu_forward(const Context& context, const Tensor& x, Tensor& y) {
  require_shape("relu", "y", y.shape(), x.shape());
  dispatch(context, cpu::relu_forward, cuda::relu_forward, x, y);
}

void relu_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx) {
  require_shape("relu", "dy", dy.shape(), y.shape());
  require_shape("relu", "dx", dx.shape(), y.shape());
  dispatch(context, cpu::relu_backward, cuda::relu_backward, y, dy, dx);
}

void add_forward(const Context& context, const Tensor& a, const Tensor& b, bool relu, Tensor& y) {
  require_shape("add", "b", b.shape(), a.shape());
  require_shape("add", "y", y.shape(), a.shape());
  dispatch(context, cpu::add_forward, cuda::add_forward, a, b, relu, y);
}

}  // namespace hdecomp
