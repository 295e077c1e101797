/// The size of a batch from the largest window on its way.
#include "runtime/tree/split_level.h"

#include <algorithm>

namespace hdecomp {
namespace {

/// Bytes of the largest gradient that a batch of decisions may take, with what ops work in
/// beside it; a level beyond it goes in several batches. A GPU has the memory, and wants few
/// large launches.
int64_t batch_bytes(Device device) {
  return int64_t{1} << (device.kind == DeviceKind::cuda ? 29 : 26);
}

/// How many decisions fit: at least one.
int64_t batch_size(const WindowExecutor& windows, const WindowPlan& plan) {
  const Graph& graph = windows.graph();
  int64_t largest = 1, scratch = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!plan.between[i]) continue;
    largest = std::max(largest, graph.shapes[i].channels * plan.windows[i].area());
    if (i > 0) {
      const NodeRunner& runner = windows.executor().runner(static_cast<int>(i));
      scratch = std::max(scratch, runner.window_scratch());
    }
  }
  const int64_t bytes = largest * static_cast<int64_t>(sizeof(float)) + scratch;
  return std::max<int64_t>(1, batch_bytes(windows.context().device()) / bytes);
}

}  // namespace

void for_each_batch(WindowExecutor& windows, const LayerPair& layers,
                    std::span<const Neuron> neurons,
                    const std::function<void(std::span<const Neuron>)>& body) {
  const int64_t most = batch_size(windows, windows.plan(layers.from, layers.to));
  const auto count = static_cast<int64_t>(neurons.size());
  for (int64_t begin = 0; begin < count; begin += most) {
    body(neurons.subspan(begin, std::min(most, count - begin)));
  }
}

}  // namespace hdecomp
