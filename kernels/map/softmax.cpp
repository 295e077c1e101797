/// Softmax: the contract's checks and the choice of the device.
#include "kernels/map/softmax.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

void require_rows(const Shape& shape) {
  if (shape.rank() != 2 || shape[1] < 1) {
    throw Error(joined("softmax: shape ", shape, ", expected (n, classes)"));
  }
}

}  // namespace

void softmax_forward(const Context& context, const Tensor& x, Tensor& y) {
  require_rows(x.shape());
  require_shape("softmax", "y", y.shape(), x.shape());
  dispatch(context, cpu::softmax_forward, cuda::softmax_forward, x, y);
}

}  // namespace hdecomp
