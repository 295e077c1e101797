/// color_map: the contract's checks and the choice of the device.
#include "kernels/map/color_map.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void color_map(const Context& context, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended) {
  const Shape& shape = map.shape();
  if (shape.rank() != 3) {
    throw Error(joined("color_map: map ", shape, ", expected (n, height, width)"));
  }
  require_shape("color_map", "view", view.shape(), {shape[1], shape[2], 3});
  require_shape("color_map", "blended", blended.shape(), {shape[0], shape[1], shape[2], 3});
  dispatch(context, cpu::color_map, cuda::color_map, map, view, blended);
}

}  // namespace hdecomp
