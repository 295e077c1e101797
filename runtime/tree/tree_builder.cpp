/// Builds trees breadth first, the host leading from level to level.
#include "runtime/tree/tree_builder.h"

#include "runtime/tree/grow_trees.h"
#include "runtime/tree/refined_steps.h"

namespace hdecomp {

std::vector<BuiltTree> build_trees(WindowExecutor& windows, const TreeQuestion& plan,
                                   const std::vector<Neuron>& roots) {
  const auto steps = [&](size_t level, const std::vector<ValuedNeuron>& decisions) {
    if (!plan.plain()) return refined_steps(windows, plan, level, decisions);
    return gap_steps(windows, plan.step(level), decisions);
  };
  return grow_trees(windows, plan, valued(windows.executor(), plan.from, roots), steps);
}

}  // namespace hdecomp
