/// Guided backpropagation (Springenberg et al. 2015): from features through their windows down to
/// the image.
#pragma once

#include <vector>

#include "hdecomp/tree.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {

/// The guided backpropagation of each neuron of layer `from` after the executor's forward(), cut to
/// its receptive field inside the image; one per neuron, in order. The neurons' values must be
/// positive, or `from` have no ReLU. Throws Error if `from` is the image.
std::vector<GuidedCrop> guided_windows(WindowExecutor& windows, int from,
                                       const std::vector<Neuron>& neurons);

/// Gives the nodes below `root`, a decision of image `image` of the batch, their
/// TreeNode::guided: its children are in layer levels[0], theirs in levels[1], ... A level goes
/// down together, and a neuron met twice on it is computed once. Nodes of the image have none.
/// The root gets steps of its own; those that it had stay as they are.
void attach_guided(WindowExecutor& windows, const std::vector<int>& levels, int64_t image,
                   TreeNode& root);

}  // namespace hdecomp
