/// Decisions above a sum or a concatenation that come to the convolution below as one number each.
#include <algorithm>

#include "runtime/network/window_executor.h"

namespace hdecomp {

/// Whether decisions above a join come to its input number k as one number each, as those of a
/// convolution do that is decided itself: its product is then a row of its weights. Its activation
/// must pass them all, for nothing masks them.
bool WindowExecutor::comes_one_hot(const Branch& branch, const WindowBatch& above,
                                   const WindowPlan& plan) const {
  const Node& join = model_.graph.nodes[branch.index];
  const int input = join.inputs[branch.k];
  const Node& node = model_.graph.nodes[input];
  const bool joins = join.op == Op::add || join.op == Op::concat;
  if (!above.one_hot || !joins || context_.device().kind != DeviceKind::cpu) return false;
  if (node.op != Op::conv || input == branch.to || plan.last_writer[input] != branch.index ||
      plan.windows[input] != above.window || batches_[input].data.data() != nullptr ||
      std::ranges::count(join.inputs, input) > 1) {
    return false;
  }
  if (node.activation == Activation::none) return true;
  const Tensor& feature = executor_.feature_in(input, above.window, above.places);
  const int64_t channels = feature.shape()[1], height = feature.shape()[2];
  return std::ranges::all_of(above.places, [&](const Place& place) {
    const int64_t channel = place.channel - first_channel_below(branch, above);
    if (place.image < 0 || channel < 0 || channel >= channels) return true;
    const int64_t row = (place.image * channels + channel) * height + place.y;
    return passes(node.activation, feature.data()[row * feature.shape()[3] + place.x]);
  });
}

/// Of one-hot decisions above a join: which of their layer's channels is the first of the input's.
int64_t WindowExecutor::first_channel_below(const Branch& branch, const WindowBatch& above) const {
  const bool side_by_side = model_.graph.nodes[branch.index].op == Op::concat;
  return above.first_channel +
         (side_by_side ? channel_offset(model_.graph, branch.index, branch.k) : 0);
}

}  // namespace hdecomp
