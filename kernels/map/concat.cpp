/// Concat: the contract's checks and the choice of the device.
#include "kernels/map/concat.h"

#include <vector>

#include "kernels/core/dispatch.h"

namespace hdecomp {

Shape shape_of_concat(std::span<const Shape> inputs) {
  if (inputs.empty()) throw Error("concat: no inputs");
  const Shape& first = inputs[0];
  int64_t channels = 0;
  for (const Shape& x : inputs) {
    const bool fits = x.rank() == 4 && first.rank() == 4 && x[0] == first[0] && x[2] == first[2] &&
                      x[3] == first[3];
    if (!fits) throw Error(joined("concat: ", x, " beside ", first));
    channels += x[1];
  }
  return {first[0], channels, first[2], first[3]};
}

void concat_forward(const Context& context, std::span<const Tensor* const> inputs, Tensor& y) {
  std::vector<Shape> shapes;
  for (const Tensor* x : inputs) shapes.push_back(x->shape());
  require_shape("concat", "y", y.shape(), shape_of_concat(shapes));
  dispatch(context, cpu::concat_forward, cuda::concat_forward, inputs, y);
}

}  // namespace hdecomp
