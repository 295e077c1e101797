/// Two trees of one decision in one drawing: what a node's share is in either.
#include <algorithm>

#include "tools/tables/table.h"
#include "tools/trees/sum_text.h"
#include "tools/trees/tree_text.h"
#include "tools/trees/what_if_result.h"

namespace hdecomp::tools {
namespace {

/// The node of the same channel at its highest peak; null for none.
const TreeNode* same_in(const TreeNode* parent, const TreeNode& node) {
  if (parent == nullptr) return nullptr;
  for (const TreeNode& other : parent->children()) {
    if (other.channel == node.channel && other.layer == node.layer) return &other;
  }
  return nullptr;
}

/// A channel's share of a step that did not choose it.
std::string share_in(const TreeNode* parent, const TreeNode& node) {
  if (parent == nullptr || !parent->step) return "-";
  const Decomposition& step = *parent->step;
  const double share = step.positive > 0 ? step.contribution[node.channel] / step.positive : 0;
  return cell(share) + ", not chosen";
}

class PairDrawing {
 public:
  /// The children of a decision in either tree; null where the tree has it not.
  void children(const TreeNode* before, const TreeNode* after, const std::string& margin,
                int levels) {
    if (levels == 0) return;
    std::vector<std::pair<const TreeNode*, const TreeNode*>> pairs;
    if (before != nullptr) {
      for (const TreeNode& node : before->children())
        pairs.emplace_back(&node, same_in(after, node));
    }
    if (after != nullptr) {
      for (const TreeNode& node : after->children()) {
        if (same_in(before, node) == nullptr) pairs.emplace_back(nullptr, &node);
      }
    }
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (++lines_ > most_lines) return;
      const bool last = i + 1 == pairs.size();
      const auto [was, is] = pairs[i];
      text_ += margin + (last ? "└─ " : "├─ ") + line(before, after, was, is) + "\n";
      children(was, is, margin + (last ? "   " : "│  "), levels - 1);
    }
  }
  std::string text() const {
    return lines_ > most_lines ? joined(text_, "only ", most_lines, " lines are shown\n") : text_;
  }

 private:
  static std::string line(const TreeNode* before, const TreeNode* after, const TreeNode* was,
                          const TreeNode* is) {
    const TreeNode& node = was != nullptr ? *was : *is;
    const std::string first = was != nullptr ? cell(was->share) : share_in(before, node);
    std::string second = is != nullptr ? cell(is->share) : share_in(after, node);
    if (was != nullptr && is != nullptr && (was->y != is->y || was->x != is->x)) {
      second += joined(" at ", is->y, ",", is->x);
    }
    return joined(place_of(node), "  share ", first, " -> ", second);
  }

  int64_t lines_ = 0;
  std::string text_;
};

std::string coverage(const Tree& tree) {
  const Decomposition& step = *tree.root.step;
  const DecisionSum sum = sum_of(step);
  return joined("they add ", cell(sum.shown), " of ", cell(step.value), ", share ",
                cell(step.chosen_of_positive), " of the positive evidence");
}

std::string head(const char* when, const ClassScore& decision, const std::optional<Tree>& tree) {
  if (!tree) return joined(when, ": no tree, for the score is not positive (Eq. 1)\n");
  std::string line = joined(when, ": ", decision.name, ", top ", tree->root.children().size(),
                            " channels of ", tree->layers.front(), ": ");
  return line + coverage(*tree) + "\n";
}

}  // namespace

std::string tree_pair_text(const WhatIfResult& result, int levels) {
  std::string text = head("before", result.says.before.decision, result.tree_before) +
                     head("after", result.says.after.decision, result.tree_after);
  PairDrawing drawing;
  const auto root = [](const std::optional<Tree>& tree) { return tree ? &tree->root : nullptr; };
  drawing.children(root(result.tree_before), root(result.tree_after), "", levels);
  return text + drawing.text();
}

}  // namespace hdecomp::tools
