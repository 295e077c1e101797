/// gAP steps: decisions' gradients, activations, contributions and peaks in a lower layer
/// (Section 3.1).
#pragma once

#include <vector>

#include "hdecomp/tree.h"
#include "runtime/window_executor.h"

namespace hdecomp {

/// A step's result, and the activation maps A of its chosen channels if they were asked for.
struct GapStep {
  Decomposition decomposition;
  std::vector<std::vector<float>> maps;  // one per chosen channel, (height, width)
};

/// Which step to take: from the layer of the decisions to a lower one, choosing at most `top`
/// channels each.
struct GapPlan {
  int from = 0, to = 0;
  int top = 3;
  bool keep_maps = false;
};

/// Decomposes all decisions F_from(neuron) of a level into layer `to`, after the executor's
/// forward(). One result per neuron, in order.
std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapPlan& plan,
                               const std::vector<Neuron>& neurons);

/// The children of a step: its chosen channels as evidence, in order.
std::vector<TreeNode> evidence(const GapStep& step, const Executor& executor, int to);

}  // namespace hdecomp
