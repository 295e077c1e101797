/// The two ways of ablation: the paper's full runs, and the same inside the decision's receptive
/// field alone.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "kernels/loops/pieces.h"
#include "runtime/ablation/ablation.h"

namespace hdecomp {

/// Item k is the network with channel k of `to`, or every channel of groups[k], filled by its value
/// in `fills`.
struct AblationTask {
  const Context& context;
  const ModelData& model;
  const Executor& executor;  // its features are those of the network as it is
  int from, to;
  Neuron decision;
  std::vector<bool> between;                  // nodes_between(from, to)
  std::vector<float> fills;                   // one per channel of `to`
  std::span<const ChannelGroup> groups = {};  // none: each channel alone
  std::stop_token stop = {};
  std::function<void(int64_t done, int64_t of)> after_batch = {};

  const Graph& graph() const { return model.graph; }
  const Node& node(int index) const { return graph().nodes[index]; }
  Channels channels_of(int index) const { return hdecomp::channels_of(graph(), index); }
  int64_t channels() const { return static_cast<int64_t>(fills.size()); }
  bool alone() const { return groups.empty(); }
  int64_t items() const { return alone() ? channels() : std::ssize(groups); }
  /// The channels of `to` that an item fills, each once.
  std::set<int64_t> filled(int64_t item) const;
  /// Says that the items before `end` are done.
  void tell(int64_t end) const {
    if (after_batch) after_batch(std::min(end, items()), items());
  }
  /// Memory on the device, kept for the next question: a GPU waits for all work where it is taken
  /// and given back, and the CPU's system clears it page by page.
  template <class T>
  TensorOf<T> take(const Shape& shape) const {
    return take_tensor<T>(executor.pool(), shape);
  }
  /// The image's map of a node, (1, c, h, w), on the device.
  Tensor feature(int node) const {
    return rows(const_cast<Tensor&>(executor.feature(node)), decision.image, decision.image + 1);
  }
};

/// Items go through the layers in batches. The last place of each is the network as it is, run
/// beside the items so that rounding cancels in their differences.
struct AblationBatches {
  int64_t places;  // of a batch
  int64_t step;    // items of a batch, but for the last one
  int64_t count;

  /// For items that take `floats` of memory each: at most 1,024 places, in 128 MiB, and no more
  /// than fill the last batch.
  AblationBatches(const AblationTask& task, int64_t floats) {
    constexpr int64_t budget = int64_t{1} << 25;
    const int64_t most = std::clamp<int64_t>(budget / std::max<int64_t>(floats, 1), 2, 1024) - 1;
    count = pieces(task.items(), most);
    step = pieces(task.items(), count);
    places = step + 1;
  }
};

/// The decision in the network as it is less that in every item, in order.
std::vector<float> naive_drops(const AblationTask& task);
std::vector<float> fast_drops(const AblationTask& task);

}  // namespace hdecomp
