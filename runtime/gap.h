/// One gAP step: a decision's gradient, activations, contributions and peaks in a lower layer
/// (Section 3.1).
#pragma once

#include <vector>

#include "hdecomp/tree.h"
#include "kernels/gap_reduce.h"
#include "runtime/executor.h"

namespace hdecomp {

/// A step's result, and the activation maps A of its chosen channels if they were asked for.
struct GapStep {
  Decomposition decomposition;
  std::vector<std::vector<float>> maps;  // one per chosen channel, (height, width)
};

/// Decomposes the decision F_from(neuron) into layer `to` after executor.forward(). `top`: N, the
/// most channels to choose.
GapStep gap_step(const Context& context, Executor& executor, const Graph& graph, int from,
                 const Neuron& neuron, int to, int top, bool keep_maps);

/// The children of a step: its chosen channels as evidence, in order.
std::vector<TreeNode> evidence(const GapStep& step, const Executor& executor, int to);

}  // namespace hdecomp
