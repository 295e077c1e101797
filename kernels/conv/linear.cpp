/// Fully connected layer: the contract's checks and the choice of the device.
#include "kernels/conv/linear.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

void require_elements(const char* tensor, const Tensor& given, int64_t batch, int64_t units) {
  if (given.elements() != batch * units) {
    throw Error(joined("linear: ", tensor, " has shape ", given.shape(), ", expected ", batch,
                       " times ", units, " units"));
  }
}

}  // namespace

void Linear::forward(const Tensor& x, Tensor& y) {
  require_elements("x", x, spec_.batch, spec_.in_units);
  require_elements("y", y, spec_.batch, spec_.out_units);
  run_forward(x, y);
}

void Linear::backward_data(const Tensor& dy, Tensor& dx) {
  require_elements("dy", dy, spec_.batch, spec_.out_units);
  require_elements("dx", dx, spec_.batch, spec_.in_units);
  run_backward_data(dy, dx);
}

std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias) {
  if (spec.batch < 1 || spec.in_units < 1 || spec.out_units < 1) {
    throw Error("linear: batch and unit counts must be at least 1");
  }
  require_shape("linear", "weight", weight.shape(), {spec.out_units, spec.in_units});
  require_shape("linear", "bias", bias.shape(), {spec.out_units});
  return dispatch(context, cpu::make_linear, cuda::make_linear, spec, weight, bias);
}

}  // namespace hdecomp
