/// How large a tree is drawn.
#pragma once

#include <map>
#include <utility>

#include "hdecomp/tree.h"

namespace hdecomp::tools {

/// Nodes below a node, as often as the tree meets them. Of a shared step they are counted once.
class NodeCount {
 public:
  /// Down to `levels` levels.
  double below(const TreeNode& node, int levels) {
    if (!node.step || levels <= 0) return 0;
    const auto [entry, is_new] = counts_.try_emplace({node.step.get(), levels}, 0);
    if (!is_new) return entry->second;
    auto count = static_cast<double>(node.children().size());
    for (const TreeNode& child : node.children()) count += below(child, levels - 1);
    return counts_[{node.step.get(), levels}] = count;
  }

 private:
  std::map<std::pair<const Decomposition*, int>, double> counts_;
};

}  // namespace hdecomp::tools
