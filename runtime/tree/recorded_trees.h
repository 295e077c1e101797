/// Trees without the host: all levels run on the device one after another, each choosing the next
/// one's decisions, recorded once and replayed for every batch of images.
#pragma once

#include <memory>
#include <vector>

#include "kernels/core/mark.h"
#include "kernels/core/recording.h"
#include "runtime/tree/tree_builder.h"

namespace hdecomp {

/// Trees that the device works on.
struct StartedTrees {
  std::unique_ptr<Mark> begun;
  CopiedLevels copied;

  const Mark& done() const { return *copied.done; }
};

/// Planned for a tree of fixed N and depth and `batch` images. A level holds batch * N^l decisions,
/// those that several parents share included; they get the same numbers.
class RecordedTrees {
 public:
  RecordedTrees(WindowExecutor& windows, const TreeQuestion& plan, int64_t batch);
  ~RecordedTrees() { wait_quietly(copied_.get()); }
  RecordedTrees(const RecordedTrees&) = delete;
  RecordedTrees& operator=(const RecordedTrees&) = delete;

  /// Whether the levels of such a tree are small enough to be planned in full.
  static bool fits(const Graph& graph, const TreeQuestion& plan, int64_t batch);

  /// The decisions to begin with, (batch) on the device, of the executor's images; image -1 for
  /// none.
  PlaceTensor& roots() { return roots_; }
  /// The levels below roots() and their copies to the host. Waits for nothing, but for the device
  /// when it is the first. What reads and writes features before and after keeps its order.
  StartedTrees start();
  /// Waits for them. `decisions` are the roots that were there, each with its row in roots().
  std::vector<BuiltTree> finish(const StartedTrees& started,
                                const std::vector<ValuedNeuron>& decisions);

  /// As build_trees, for at most `batch` roots; one wait for the device at the end.
  std::vector<BuiltTree> run(const std::vector<Neuron>& roots);

 private:
  void run_levels();
  void upload(const std::vector<ValuedNeuron>& roots);

  WindowExecutor& windows_;
  TreeQuestion plan_;
  int64_t batch_;
  PlaceTensor roots_;
  std::vector<LevelShape> shapes_;
  TensorOf<std::byte> memory_;  // of all levels but their maps
  std::vector<GapLevel> levels_;
  std::unique_ptr<Recording> recording_;  // made by the first run
  std::shared_ptr<const Mark> copied_;    // behind the last run's copies to the host
};

}  // namespace hdecomp
