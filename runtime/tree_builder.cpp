/// Builds the tree breadth first, then assembles it from the levels' distinct decisions.
#include "runtime/tree_builder.h"

#include <map>

#include "nets/layer_names.h"

namespace hdecomp {
namespace {

/// A decision of one level, decomposed: its step and its children before theirs are attached.
struct Decomposed {
  std::shared_ptr<const Decomposition> step;
  std::vector<TreeNode> children;
};
using Level = std::map<Neuron, Decomposed>;

Neuron neuron_of(const TreeNode& node) { return {node.channel, node.y, node.x}; }

/// Attaches to `node`, a decision of level `depth`, its sub-tree.
void attach(TreeNode& node, const std::vector<Level>& levels, size_t depth) {
  if (depth == levels.size()) return;
  const auto found = levels[depth].find(neuron_of(node));
  if (found == levels[depth].end()) return;
  node.step = found->second.step;
  node.children = found->second.children;
  for (TreeNode& child : node.children) attach(child, levels, depth + 1);
}

/// Decomposes the distinct decisions of a level, all in one batch; returns the next level's.
std::vector<Neuron> decompose_level(WindowExecutor& windows, const GapPlan& plan,
                                    const std::vector<Neuron>& decisions, Level& level) {
  // Eq. 1 holds for F > 0 alone; a peak of A > 0 at a negative feature ends its branch.
  for (const Neuron& decision : decisions) {
    if (windows.executor().value(plan.from, decision) > 0) level.try_emplace(decision);
  }
  std::vector<Neuron> distinct;
  for (const auto& [decision, unused] : level) distinct.push_back(decision);
  std::vector<GapStep> steps = gap_steps(windows, plan, distinct);
  std::vector<Neuron> next;
  for (size_t i = 0; i < steps.size(); ++i) {
    Decomposed& decomposed = level[distinct[i]];
    decomposed.children = evidence(steps[i], windows.executor(), plan.to);
    decomposed.step = std::make_shared<const Decomposition>(std::move(steps[i].decomposition));
    for (const TreeNode& child : decomposed.children) next.push_back(neuron_of(child));
  }
  return next;
}

}  // namespace

BuiltTree build_tree(WindowExecutor& windows, const TreePlan& plan, const Neuron& neuron) {
  BuiltTree result;
  std::vector<Level> levels;
  std::vector<Neuron> decisions{neuron};
  int from = plan.from;
  for (const int to : plan.levels) {
    Level& level = levels.emplace_back();
    decisions = decompose_level(windows, {from, to, plan.top, plan.keep_maps}, decisions, level);
    result.decompositions += static_cast<int64_t>(level.size());
    result.multiply_adds +=
        windows.plan(from, to).multiply_adds * static_cast<double>(level.size());
    from = to;
  }
  result.root.layer = layer_label(windows.graph(), plan.from);
  result.root.channel = neuron.channel;
  result.root.y = neuron.y;
  result.root.x = neuron.x;
  result.root.value = windows.executor().value(plan.from, neuron);
  attach(result.root, levels, 0);
  return result;
}

}  // namespace hdecomp
