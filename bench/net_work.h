/// What the benchmarks share: a network's work in multiply-adds, its whole tree and its strongest
/// class.
#pragma once

#include <algorithm>

#include "runtime/tree_builder.h"

namespace hdecomp {

/// Multiply-adds of one forward pass: convolutions and linear layers.
inline double forward_multiply_adds(const Graph& graph) {
  double total = 0;
  for (int i = 0; i <= graph.scores(); ++i) {
    if (!has_weights(graph.nodes[i])) continue;
    const FeatureShape& out = graph.shapes[i];
    total += static_cast<double>(Shape(weight_dims(graph, i)).elements() * out.height * out.width);
  }
  return total;
}

/// From the class scores through all stage ends, N = 3.
inline TreePlan whole_tree(const Graph& graph) {
  TreePlan plan;
  plan.from = graph.scores();
  for (const Stage& stage : graph.stage_ends) plan.levels.insert(plan.levels.begin(), stage.node);
  return plan;
}

inline Neuron strongest_class(const Tensor& scores) {
  const auto values = scores.span();
  return {std::max_element(values.begin(), values.end()) - values.begin(), 0, 0};
}

}  // namespace hdecomp
