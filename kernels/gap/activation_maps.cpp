/// activation_maps: the contract's checks and the choice of the device.
#include "kernels/gap/activation_maps.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void activation_maps(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps) {
  if (gradient.one_hot) throw Error("activation_maps: one-hot decisions are not taken");
  const Shape& c = channels.shape();
  if (c.rank() != 2 || c[0] != gradient.decisions()) {
    throw Error(
        joined("activation_maps: channels ", c, " for ", gradient.decisions(), " decisions"));
  }
  const int64_t height = gradient.window.y.map, width = gradient.window.x.map;
  require_shape("activation_maps", "feature", feature.shape(),
                {feature.shape()[0], gradient.channels, height, width});
  require_shape("activation_maps", "maps", maps.shape(), {c[0], c[1], height, width});
  dispatch(context, cpu::activation_maps, cuda::activation_maps, gradient, feature, channels, maps);
}

}  // namespace hdecomp
