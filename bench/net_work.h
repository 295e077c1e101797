/// A network's work in multiply-adds.
#pragma once

#include "kernels/core/shape.h"
#include "nets/graph.h"

namespace hdecomp {

/// Of one forward pass: convolutions and linear layers.
inline double forward_multiply_adds(const Graph& graph) {
  double total = 0;
  for (int i = 0; i <= graph.scores(); ++i) {
    if (!has_weights(graph.nodes[i])) continue;
    const FeatureShape& out = graph.shapes[i];
    total += static_cast<double>(Shape(weight_dims(graph, i)).elements() * out.height * out.width);
  }
  return total;
}

}  // namespace hdecomp
