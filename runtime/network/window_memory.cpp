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
