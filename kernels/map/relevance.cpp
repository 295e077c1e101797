/// The arithmetic of relevance: the contracts' checks and the choice of the device.
#include "kernels/map/relevance.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void keep_part(const Context& context, Part part, const Tensor& x, Tensor& y) {
  require_shape("part", "y", y.shape(), x.shape());
  dispatch(context, cpu::keep_part, cuda::keep_part, part, x, y);
}

void multiply(const Context& context, const Tensor& a, const Tensor& b, Tensor& y) {
  require_shape("multiply", "b", b.shape(), a.shape());
  require_shape("multiply", "y", y.shape(), a.shape());
  dispatch(context, cpu::multiply, cuda::multiply, a, b, y);
}

void stabilised_ratio(const Context& context, const Tensor& r, const Tensor& z, float epsilon,
                      Tensor& y) {
  require_shape("ratio", "z", z.shape(), r.shape());
  require_shape("ratio", "y", y.shape(), r.shape());
  if (!(epsilon > 0)) throw Error(joined("ratio: epsilon is ", epsilon, ", expected above 0"));
  dispatch(context, cpu::stabilised_ratio, cuda::stabilised_ratio, r, z, epsilon, y);
}

}  // namespace hdecomp
