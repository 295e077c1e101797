/// The hierarchical decomposition (Section 3.2): level by level from one decision per image down a
/// list of layers. The one way from decisions to trees.
#pragma once

#include <memory>
#include <vector>

#include "runtime/tree/recorded_levels.h"

namespace hdecomp {

/// The trees of one batch. The host leads from level to level, or, with recordings, a GPU goes down
/// all levels by itself and the host reads the results.
class TreeRun {
 public:
  /// All given must outlive it. `recordings`: null where the host must lead. It leads too where it
  /// has a part between the levels, or a level is too large to be planned in full.
  TreeRun(WindowExecutor& windows, TreeQuestion question, TreeRecordings* recordings = nullptr);

  /// Whether begin() will have the device work by itself.
  bool unattended() const { return recorded_ != nullptr; }
  /// Has the device go down the levels from its own decisions: of each of the first `images` images
  /// class `asked`, or for -1 the most probable one. Waits for nothing, but for the device when the
  /// recording is made. Returns false, nothing done, where the host must lead. Of trees below the
  /// class scores.
  bool begin(int64_t asked, int64_t images);

  /// One tree per root, in order. Decomposes each root into the first level, each chosen feature
  /// (its peak, Eq. 5) into the next, and so on; a level of all trees goes together. Features met
  /// twice on a level are decomposed once. A root whose value is not positive (Eq. 1) has no
  /// children. Each tree is the same bits beside any others. Waits for the device. After begin()
  /// the roots are the decisions that were begun with; a root's row is its image there, and below
  /// the executor's batch in any recording.
  std::vector<BuiltTree> finish(const std::vector<ValuedNeuron>& roots);
  /// What the finished trees took; of trees begun before, the device's time and then the host's.
  double ms() const { return ms_; }

 private:
  WindowExecutor& windows_;
  TreeQuestion question_;
  std::shared_ptr<RecordedLevels> recorded_;  // null: the host leads
  StartedLevels started_;
  double ms_ = 0;
};

}  // namespace hdecomp
