/// next_decisions: the contract's checks and the choice of the device.
#include "kernels/gap/next_decisions.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void next_decisions(const Context& context, std::span<const Place> above,
                    const IndexTensor& channels, const IndexTensor& positions,
                    const Tensor& feature, Tensor& values, PlaceTensor& next) {
  const Shape &c = channels.shape(), &f = feature.shape();
  const auto decisions = static_cast<int64_t>(above.size());
  if (c.rank() != 2 || c[0] != decisions) {
    throw Error(joined("next_decisions: channels ", c, " for ", decisions, " decisions"));
  }
  if (f.rank() != 4) throw Error(joined("next_decisions: feature ", f, ", expected (b, c, h, w)"));
  require_shape("next_decisions", "positions", positions.shape(), {decisions, f[1]});
  require_shape("next_decisions", "values", values.shape(), c);
  require_shape("next_decisions", "next", next.shape(), {c.elements()});
  dispatch(context, cpu::next_decisions, cuda::next_decisions, above, channels, positions, feature,
           values, next);
}

}  // namespace hdecomp
