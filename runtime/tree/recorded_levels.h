/// All levels of trees on the device without the host, one after another, each choosing the next
/// one's decisions: recorded once and replayed for every batch of images.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "kernels/core/mark.h"
#include "kernels/core/recording.h"
#include "runtime/tree/tree_question.h"

namespace hdecomp {

/// Levels that the device works on, on their way to the host.
struct StartedLevels {
  std::unique_ptr<Mark> begun;
  CopiedLevels copied;

  /// Null where nothing is started.
  const Mark* done() const { return copied.done.get(); }
};

/// Planned for trees of fixed N and depth and `batch` images. A level holds batch * N^l decisions,
/// those that several parents share included; they get the same numbers.
class RecordedLevels {
 public:
  RecordedLevels(WindowExecutor& windows, const TreeQuestion& question, int64_t batch);
  ~RecordedLevels() { wait_quietly(copied_.get()); }
  RecordedLevels(const RecordedLevels&) = delete;
  RecordedLevels& operator=(const RecordedLevels&) = delete;

  /// Whether the levels are small enough to be planned in full.
  static bool fits(const Graph& graph, const TreeQuestion& question, int64_t batch);
  /// Of the results, on the device.
  int64_t bytes() const;

  /// The decisions to begin with, (batch) on the device, of the executor's images; image -1 for
  /// none.
  PlaceTensor& roots() { return roots_; }
  /// Sets them, each in its row; those that are not positive (Eq. 1) are none. Waits for the
  /// device.
  void upload(const std::vector<ValuedNeuron>& roots);
  /// The levels below roots() and their copies to the host. Waits for nothing, but for the device
  /// when it is the first. What reads and writes features before and after keeps its order.
  StartedLevels start();

 private:
  void run_levels();

  WindowExecutor& windows_;
  TreeQuestion question_;
  PlaceTensor roots_;
  std::vector<LevelShape> shapes_;
  TensorOf<std::byte> memory_;  // of all levels but their maps
  std::vector<GapLevel> levels_;
  std::unique_ptr<Recording> recording_;  // made by the first run; owns the gradients' memory
  std::shared_ptr<const Mark> copied_;    // behind the last run's copies to the host
};

/// The recordings of a network, one for every kind of tree. Beyond the limits the one whose last
/// use is longest ago goes, and all that are not in use go where the device has no room.
class TreeRecordings {
 public:
  struct Limits {
    size_t count = 16;
    int64_t bytes = int64_t{4} << 30;  // of results; the newest stays whatever it has
  };

  /// The windows must outlive it.
  TreeRecordings(WindowExecutor& windows, int64_t batch);
  TreeRecordings(WindowExecutor& windows, int64_t batch, const Limits& limits);
  ~TreeRecordings();
  TreeRecordings(const TreeRecordings&) = delete;
  TreeRecordings& operator=(const TreeRecordings&) = delete;

  /// Null where the host has a part in such trees, or their levels are too large.
  std::shared_ptr<RecordedLevels> of(const TreeQuestion& question);

 private:
  struct Kind {
    std::vector<int> levels;
    int from, top;
    bool keep_maps;
    Baseline baseline;
    std::vector<std::shared_ptr<const Tensor>> means;
    bool operator==(const Kind&) const = default;
  };
  struct Entry {
    Kind kind;
    std::shared_ptr<RecordedLevels> recorded;
  };

  void drop_unused();
  void keep_limits();

  WindowExecutor& windows_;
  int64_t batch_;
  Limits limits_;
  std::list<Entry> entries_;  // the last used first
};

}  // namespace hdecomp
