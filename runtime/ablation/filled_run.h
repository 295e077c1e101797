/// The network run to its scores with channels of several layers filled at once: for each item
/// other ones. The executor's features stay as they are.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "runtime/network/executor.h"

namespace hdecomp {

/// By layer, in the run's order: the channels that an item fills, no one twice.
using FilledChannels = std::vector<std::vector<int32_t>>;

/// Planned once. The context and the executor must outlive it.
class FilledRun {
 public:
  /// `layers`: where channels are filled, in the order of the graph, none twice. `items`: how many
  /// a call has at most.
  FilledRun(const Context& context, const Executor& executor, std::vector<int> layers,
            int64_t items);

  /// The class scores of each item: image `image` of the executor's last run, with its channels of
  /// every layer set to that layer's fills (one per channel) over the whole map, one layer after
  /// the other from below. Waits for the device. `before_batch` is called with how many items are
  /// done. Throws Error for a channel that is not there, and what `before_batch` throws.
  std::vector<std::vector<float>> scores(
      int64_t image, const std::vector<std::vector<float>>& fills,
      std::span<const FilledChannels> items,
      const std::function<void(int64_t done)>& before_batch = {});

 private:
  int64_t most_floats() const;
  void plan();
  void take_map(int node);
  void repeat(int node, int64_t image);
  void fill(int node, size_t layer, const std::vector<float>& fills,
            std::span<const FilledChannels> items);
  void run_laid(int node, int64_t items);
  void run_plain(int node);
  bool run_node(int node, int64_t image, int64_t items);
  void release_inputs(int node);

  const Context& context_;
  const Executor& executor_;
  std::vector<int> layers_;
  int64_t places_ = 1;                // items that go together
  std::vector<bool> changed_;         // by node: other than in the executor's run
  std::vector<bool> computed_;        // by node: of changed inputs
  std::vector<int> last_reader_;      // by node
  std::vector<MapsForward> forward_;  // by node: of those that the plan does not run
  // By node, (places, c, h, w), while they are read; they lie as the plan's outputs do.
  std::vector<Tensor> maps_;
};

}  // namespace hdecomp
