/// Activations' gradient and add: the contracts' checks and the choice of the device.
#include "kernels/map/elementwise.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void activation_backward(const Context& context, Activation activation, const Tensor& y,
                         const Tensor& dy, Tensor& dx) {
  require_shape("activation", "dy", dy.shape(), y.shape());
  require_shape("activation", "dx", dx.shape(), y.shape());
  dispatch(context, cpu::activation_backward, cuda::activation_backward, activation, y, dy, dx);
}

void add_forward(const Context& context, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y) {
  require_shape("add", "b", b.shape(), a.shape());
  require_shape("add", "y", y.shape(), a.shape());
  dispatch(context, cpu::add_forward, cuda::add_forward, a, b, activation, y);
}

}  // namespace hdecomp
