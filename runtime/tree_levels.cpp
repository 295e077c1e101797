/// Collecting levels and assembling trees.
#include "runtime/tree_levels.h"

#include <algorithm>
#include <map>

#include "nets/layer_names.h"

namespace hdecomp {
namespace {

/// All levels of one or several trees; a decision that several parents share is held once.
class TreeLevels {
 public:
  /// Adds the level below the last one: the steps of its decisions, in order. Returns the distinct
  /// decisions of the next level, image by image.
  std::vector<ValuedNeuron> add(const std::vector<ValuedNeuron>& decisions,
                                std::vector<GapStep> steps);

  /// The tree below a root of the first level.
  BuiltTree tree(WindowExecutor& windows, const TreePlan& plan, const ValuedNeuron& root) const;

 private:
  /// A decision, decomposed: its step and its children before theirs are attached.
  struct Decomposed {
    std::shared_ptr<const Decomposition> step;
    std::vector<TreeNode> children;
  };

  void attach(TreeNode& node, int64_t image, size_t depth) const;

  std::vector<std::map<Neuron, Decomposed>> levels_;
};

std::vector<ValuedNeuron> TreeLevels::add(const std::vector<ValuedNeuron>& decisions,
                                          std::vector<GapStep> steps) {
  auto& level = levels_.emplace_back();
  std::map<Neuron, double> next;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Neuron& neuron = decisions[i].neuron;
    const auto [place, is_new] = level.try_emplace(neuron);
    if (!is_new) continue;
    Decomposed& decomposed = place->second;
    decomposed.children = evidence(steps[i]);
    decomposed.step = std::make_shared<const Decomposition>(std::move(steps[i].decomposition));
    for (const TreeNode& child : decomposed.children) {
      // Eq. 1 holds for F > 0 alone; a peak of A > 0 at a negative feature ends its branch.
      if (child.value > 0) next[{child.channel, child.y, child.x, neuron.image}] = child.value;
    }
  }
  std::vector<ValuedNeuron> distinct;
  for (const auto& [neuron, value] : next) distinct.push_back({neuron, value});
  return distinct;
}

void TreeLevels::attach(TreeNode& node, int64_t image, size_t depth) const {
  if (depth == levels_.size()) return;
  const auto found = levels_[depth].find({node.channel, node.y, node.x, image});
  if (found == levels_[depth].end()) return;
  node.step = found->second.step;
  node.children = found->second.children;
  for (TreeNode& child : node.children) attach(child, image, depth + 1);
}

BuiltTree TreeLevels::tree(WindowExecutor& windows, const TreePlan& plan,
                           const ValuedNeuron& root) const {
  BuiltTree result;
  result.root.layer = layer_label(windows.graph(), plan.from);
  result.root.channel = root.neuron.channel;
  result.root.y = root.neuron.y;
  result.root.x = root.neuron.x;
  result.root.value = root.value;
  attach(result.root, root.neuron.image, 0);
  for (size_t i = 0; i < levels_.size(); ++i) {
    int64_t decisions = 0;
    for (const auto& [neuron, unused] : levels_[i]) decisions += neuron.image == root.neuron.image;
    result.decompositions += decisions;
    const GapPlan step = plan.step(i);
    result.multiply_adds +=
        windows.plan(step.from, step.to).multiply_adds * static_cast<double>(decisions);
  }
  return result;
}

}  // namespace

std::vector<BuiltTree> grow_trees(WindowExecutor& windows, const TreePlan& plan,
                                  const std::vector<ValuedNeuron>& roots,
                                  const StepsOfLevel& steps) {
  TreeLevels levels;
  std::vector<ValuedNeuron> decisions;
  std::ranges::copy_if(roots, std::back_inserter(decisions),
                       [](const ValuedNeuron& root) { return root.value > 0; });
  for (size_t level = 0; level < plan.levels.size(); ++level) {
    decisions = levels.add(decisions, steps(level, decisions));
    if (plan.after_level && roots.size() == 1) {
      plan.after_level(levels.tree(windows, plan, roots.front()).root, static_cast<int>(level) + 1);
    }
  }
  std::vector<BuiltTree> trees;
  for (const ValuedNeuron& root : roots) trees.push_back(levels.tree(windows, plan, root));
  return trees;
}

}  // namespace hdecomp
