/// Builds trees breadth first.
#include "runtime/tree_builder.h"

#include <algorithm>

#include "runtime/tree_levels.h"

namespace hdecomp {
std::vector<BuiltTree> build_trees(WindowExecutor& windows, const TreePlan& plan,
                                   const std::vector<Neuron>& roots) {
  std::vector<ValuedNeuron> given;
  for (const Neuron& root : roots) {
    given.push_back({root, windows.executor().value(plan.from, root)});
  }
  std::vector<ValuedNeuron> decisions;
  std::ranges::copy_if(given, std::back_inserter(decisions),
                       [](const ValuedNeuron& root) { return root.value > 0; });
  TreeLevels levels;
  int from = plan.from;
  for (const int to : plan.levels) {
    decisions =
        levels.add(decisions, gap_steps(windows, {from, to, plan.top, plan.keep_maps}, decisions));
    from = to;
  }
  std::vector<BuiltTree> trees;
  for (const ValuedNeuron& root : given) trees.push_back(levels.tree(windows, plan, root));
  return trees;
}

}  // namespace hdecomp
