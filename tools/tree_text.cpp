/// Draws trees with box-drawing characters.
#include "tools/tree_text.h"

#include <cstdio>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, args...);
  return line;
}

/// "conv5_3:77@1,2", the spelling that `decompose --from` takes.
std::string place(const TreeNode& node) {
  return text(node.layer, ":", node.channel, "@", node.y, ",", node.x);
}

std::string evidence_line(const TreeNode& node) {
  std::string more;
  if (!node.members.empty()) more = format("  and %zu like it", node.members.size());
  if (node.extra_peak > 0) more = format("  peak %d of its channel", node.extra_peak + 1);
  return more.insert(0, format("%s  %.1f %%  alpha %.4g  peak %.4g  F %.4g", place(node).c_str(),
                               100 * node.share, node.contribution, node.peak, node.value));
}

std::string coverage_line(const Decomposition& step) {
  std::string line = format(
      "top %zu of %zu channels of %s: %.1f %% of the positive evidence, %.1f %% of the decision",
      step.chosen.size(), step.contribution.size(), step.layer.c_str(),
      100 * step.chosen_of_positive, 100 * step.chosen_of_value);
  if (step.first_peaks > 0) {
    line += format("\ntheir highest peaks hold %.1f %% of their positive A, their others %.1f %%",
                   100 * step.first_peaks, 100 * step.extra_peaks);
  }
  return line;
}

void draw_children(const TreeNode& node, const std::string& margin, int levels, std::string& out) {
  if (levels == 0) return;
  for (size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    out += margin + (last ? "└─ " : "├─ ") + evidence_line(node.children[i]) + "\n";
    draw_children(node.children[i], margin + (last ? "   " : "│  "), levels - 1, out);
  }
}

int64_t count_below(const TreeNode& node, int levels) {
  int64_t count = 0;
  for (const TreeNode& child : node.children) {
    count += (levels > 0 ? 0 : 1) + count_below(child, levels > 0 ? levels - 1 : 0);
  }
  return count;
}

}  // namespace

std::string scores_text(const std::vector<ClassScore>& scores) {
  std::string line;
  for (const ClassScore& score : scores) {
    line += format("%s%s %.1f %%", line.empty() ? "" : ", ", score.name.c_str(),
                   100.0 * score.probability);
  }
  return line;
}

std::string tree_text(const Tree& tree, int levels) {
  std::string out = format("%s (class %lld)  score %.4g  probability %.1f %%\n",
                           tree.decision.name.c_str(), static_cast<long long>(tree.decision.index),
                           tree.decision.score, 100.0 * tree.decision.probability);
  if (tree.root.step) out += coverage_line(*tree.root.step) + "\n";
  draw_children(tree.root, "", levels, out);
  const int64_t hidden = count_below(tree.root, levels);
  if (hidden > 0) {
    out += format("%lld deeper nodes not shown (--show all)\n", static_cast<long long>(hidden));
  }
  return out;
}

std::string step_text(const TreeNode& decision, const std::string& class_name) {
  const std::string what = class_name.empty() ? place(decision) : "class " + class_name;
  std::string out = what + format("  F %.4g\n", decision.value);
  if (decision.step) out += coverage_line(*decision.step) + "\n";
  draw_children(decision, "", 1, out);
  return out;
}

}  // namespace hdecomp::tools
