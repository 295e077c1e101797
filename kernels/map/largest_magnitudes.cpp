/// largest_magnitudes: the contract's checks and the choice of the device.
#include "kernels/map/largest_magnitudes.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void largest_magnitudes(const Context& context, const TensorOf<FloatArray>& sources,
                        Tensor& magnitudes) {
  if (sources.shape().rank() != 1)
    throw Error(joined("largest_magnitudes: sources ", sources.shape()));
  require_shape("largest_magnitudes", "magnitudes", magnitudes.shape(), sources.shape());
  dispatch(context, cpu::largest_magnitudes, cuda::largest_magnitudes, sources, magnitudes);
}

}  // namespace hdecomp
