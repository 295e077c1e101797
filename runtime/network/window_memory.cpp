/// Where a level's gradients lie: in memory of their own, or, on the CPU, where the one above lies,
/// so that joins and ops of single cells copy nothing.
#include <algorithm>

#include "runtime/network/window_executor.h"

namespace hdecomp {

/// Whether gradients below may lie in its memory.
bool WindowExecutor::shares_memory(const WindowBatch& above) const {
  return !above.one_hot && context_.device().kind == DeviceKind::cpu;
}

/// The input whose gradient takes over the memory of the one above, once the others have read it:
/// nothing is there yet, and the op reads one cell for each.
std::optional<size_t> WindowExecutor::heir_of(int index, const WindowBatch& above,
                                              const WindowPlan& plan) const {
  const std::vector<int>& inputs = model_.graph.nodes[index].inputs;
  if (!shares_memory(above)) return {};
  for (size_t k = 0; k < inputs.size(); ++k) {
    const int input = inputs[k];
    if (!plan.between[input] || batches_[input].data.data() != nullptr) continue;
    if (plan.windows[input] != above.window || std::ranges::count(inputs, input) > 1) continue;
    if (executor_.runner(index).window_in_place(k)) return k;
  }
  return {};
}

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

/// The channel of a concatenation at which an input's own begin; none of other nodes, and of inputs
/// that come twice.
std::optional<int64_t> WindowExecutor::part_of_concat(int index, size_t k,
                                                      const WindowBatch& above) const {
  const Node& node = model_.graph.nodes[index];
  if (traits(node.op).channels != Channels::side_by_side || !shares_memory(above)) return {};
  if (std::ranges::count(node.inputs, node.inputs[k]) > 1) return {};
  return channel_offset(model_.graph, index, k);
}

/// Gives a node's gradient its memory, where `part` is given and the windows are alike that of the
/// one above, from that channel on. Says what is there: of a concatenation whose inputs have their
/// gradients side by side already, those.
Accumulate WindowExecutor::take_batch(int node, const SharedBatch& above,
                                      std::optional<int64_t> part, const WindowPlan& plan) {
  const Graph& graph = model_.graph;
  WindowBatch& batch = batches_[node];
  if (batch.data.data() != nullptr) {
    const bool in_place = part && batch.data.data() == above->plane(*part, 0);
    return in_place ? Accumulate::empty : Accumulate::sum;
  }
  const int64_t channels = graph.shapes[node].channels;
  if (part && plan.windows[node] == above->window) {
    batch = part_of(above, *part, channels);
    return Accumulate::empty;
  }
  if (shares_memory(*above) && traits(graph.nodes[node].op).channels == Channels::side_by_side) {
    std::vector<const WindowBatch*> parts;
    for (const int input : graph.nodes[node].inputs) parts.push_back(&batches_[input]);
    std::optional<WindowBatch> joined = side_by_side(parts);
    if (joined && joined->window == plan.windows[node]) {
      batch = std::move(*joined);
      return Accumulate::sum;
    }
  }
  batch = window_batch_like(*above, plan.windows[node], channels);
  return Accumulate::empty;
}

}  // namespace hdecomp
