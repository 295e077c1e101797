/// What a tree is asked for with, and what comes out.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "hdecomp/explain_options.h"
#include "runtime/tree/gap.h"

namespace hdecomp {

struct TreeQuestion {
  int from = 0;             // node of the decision
  std::vector<int> levels;  // the layers below it, in order, each below the one before
  int top = 3;              // N
  bool keep_maps = false;
  std::optional<OverlapOptions> overlaps = {};  // merge overlapping channels
  int peaks = 1;                                // of each chosen channel, at most
  std::vector<int32_t> channels = {};           // of a single level: GapQuestion::channels
  Baseline baseline = Baseline::zero;
  std::vector<std::shared_ptr<const Tensor>> means = {};  // of each level: GapQuestion::means
  double cover = 0;                                       // GapQuestion::cover

  std::stop_token stop = {};

  // Of a single root: called after each level with the tree so far. What it throws ends the work.
  std::function<void(const TreeNode& root, int level)> after_level = {};

  /// Whether every step is the top channels' highest peaks alone.
  bool plain() const { return !overlaps && peaks == 1; }
  /// Whether the host has nothing to do between the levels, and they are of a size to be planned
  /// for: of `cover` N is but a bound.
  bool unattended() const { return plain() && channels.empty() && !after_level && cover == 0; }
  /// The step into levels[level].
  GapQuestion step(size_t level) const {
    return {level == 0 ? from : levels[level - 1],
            levels[level],
            top,
            keep_maps,
            channels,
            baseline,
            means.empty() ? nullptr : means.at(level),
            cover};
  }
};

struct BuiltTree {
  TreeNode root;
  int64_t decompositions = 0;
  // Of the products of all steps, as their windows are planned: with the parts outside the map and
  // the rows of linear layers that a ReLU leaves zero, without a decision's own row (it is copied).
  double multiply_adds = 0;
};

}  // namespace hdecomp
