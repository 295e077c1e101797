/// gap_reduce: the contract's checks and the choice of the device.
#include "kernels/gap/gap_reduce.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

GapResult::GapResult(Device device, int64_t decisions, int64_t channels)
    : alpha(device, {decisions, channels}),
      peak(device, {decisions, channels}),
      position(device, {decisions, channels}),
      mean_gradient(device, {decisions, channels}),
      max_gradient(device, {decisions, channels}) {}

GapResult rows(GapResult& all, int64_t begin, int64_t end) {
  GapResult part;
  part.alpha = rows(all.alpha, begin, end);
  part.peak = rows(all.peak, begin, end);
  part.position = rows(all.position, begin, end);
  part.mean_gradient = rows(all.mean_gradient, begin, end);
  part.max_gradient = rows(all.max_gradient, begin, end);
  return part;
}

void gap_reduce(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                GapResult& result) {
  if (gradient.one_hot) throw Error("gap_reduce: one-hot decisions are not taken");
  require_shape(
      "gap_reduce", "feature", feature.shape(),
      {feature.shape()[0], gradient.channels, gradient.window.y.map, gradient.window.x.map});
  require_shape("gap_reduce", "result", result.alpha.shape(),
                {gradient.decisions(), gradient.channels});
  dispatch(context, cpu::gap_reduce, cuda::gap_reduce, gradient, feature, result);
}

}  // namespace hdecomp
