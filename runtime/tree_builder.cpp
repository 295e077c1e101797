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

}  // namespace

BuiltTree build_tree(const Context& context, Executor& executor, const Graph& graph,
                     const TreePlan& plan, const Neuron& neuron) {
  BuiltTree result;
  std::vector<Level> levels;
  std::vector<Neuron> decisions{neuron};
  int from = plan.from;
  for (const int to : plan.levels) {
    Level& level = levels.emplace_back();
    for (const Neuron& decision : decisions) level.try_emplace(decision);
    decisions.clear();
    for (auto& [decision, decomposed] : level) {
      // Eq. 1 holds for F > 0 alone; a peak of A > 0 at a negative feature ends its branch.
      if (executor.value(from, decision) <= 0) continue;
      GapStep step =
          gap_step(context, executor, graph, from, decision, to, plan.top, plan.keep_maps);
      decomposed.children = evidence(step, executor, to);
      decomposed.step = std::make_shared<const Decomposition>(std::move(step.decomposition));
      for (const TreeNode& child : decomposed.children) decisions.push_back(neuron_of(child));
      ++result.decompositions;
    }
    from = to;
  }
  result.root.layer = layer_label(graph, plan.from);
  result.root.channel = neuron.channel;
  result.root.y = neuron.y;
  result.root.x = neuron.x;
  result.root.value = executor.value(plan.from, neuron);
  attach(result.root, levels, 0);
  return result;
}

}  // namespace hdecomp
