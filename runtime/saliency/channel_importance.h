/// How important each channel of each stage is to a class score, by the methods of Fig. 10. A
/// channel's number is the sum over its map.
#pragma once

#include <vector>

#include "hdecomp/tree.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// By layer, by channel.
using ChannelScores = std::vector<std::vector<double>>;

/// Of a tree's layers, from above: a chosen channel's importance is its parent's times its share,
/// summed over the tree's paths; the root's is 1, that of a channel chosen nowhere 0.
ChannelScores tree_importance(const Graph& graph, const std::vector<int>& layers,
                              const TreeNode& root);

/// gAP straight from the class score: the sum of A = G F over each channel's map.
ChannelScores direct_importance(SaliencyNet& net, const std::vector<int>& layers, int64_t image,
                                int64_t class_index);

/// LRP's relevance of each channel, as RelevanceRule shares it out.
ChannelScores relevance_importance(SaliencyNet& net, const std::vector<int>& layers, int64_t image,
                                   int64_t class_index, BackwardRule& rule);

/// Along the straight line from 0 to the normalised input x, in `steps` equal steps with the inputs
/// at their ends; y is a layer's output there, g the score's gradient to it.
struct PathImportance {
  // Layer conductance (Dhamdhere, Sundararajan and Yan 2019): the integral of g dy, by the
  // trapezium rule: the sum over the steps of (g + g') / 2 (y' - y).
  ChannelScores conductance;
  // Internal influence (Leino et al. 2018): the mean of g, by the same rule; and this times y(x).
  ChannelScores influence, influence_x_activation;
  // Of each layer: the sum of its conductance, which the integral would make F(x) - F(0).
  std::vector<Completeness> completeness;
};

/// `input` (1, 3, h, w) on the host. Runs the network on other inputs.
PathImportance path_importance(SaliencyNet& net, const std::vector<int>& layers,
                               const Tensor& input, int64_t class_index, int64_t steps);

}  // namespace hdecomp
