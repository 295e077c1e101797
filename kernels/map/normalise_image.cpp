/// normalise_image: the contract's checks and the choice of the device.
#include "kernels/map/normalise_image.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void normalise_image(const Context& context, const TensorOf<uint8_t>& image,
                     const ChannelScale& scale, Tensor& result) {
  const Shape& shape = image.shape();
  if (shape.rank() != 4 || shape[3] != 3) {
    throw Error(joined("normalise_image: image ", shape, ", expected (n, height, width, 3)"));
  }
  require_shape("normalise_image", "result", result.shape(), {shape[0], 3, shape[1], shape[2]});
  dispatch(context, cpu::normalise_image, cuda::normalise_image, image, scale, result);
}

}  // namespace hdecomp
