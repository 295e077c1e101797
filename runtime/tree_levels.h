/// The levels of trees while they are built, and the trees put together from them.
#pragma once

#include <map>
#include <vector>

#include "runtime/tree_builder.h"

namespace hdecomp {

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

}  // namespace hdecomp
