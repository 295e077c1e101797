/// How large an op's outputs can be, by how large its inputs are: rules of nets/op_table.cpp.
#pragma once

#include <span>

#include "nets/graph.h"

namespace hdecomp {

/// The largest magnitudes of what a node reads.
struct NodeSizes {
  std::span<const double> inputs;  // of each input's features
  double weights = 1, bias = 0;    // the largest sum of |w| over an output's weights; of |b|
};

/// Bounds of |output| of a node of this shape, before its activation.
namespace bound_rules {

double largest(const Node&, const FeatureShape&, const NodeSizes& sizes);   // of the inputs
double sum(const Node&, const FeatureShape&, const NodeSizes& sizes);       // of the inputs
double product(const Node&, const FeatureShape&, const NodeSizes& sizes);   // of two
double quotient(const Node&, const FeatureShape&, const NodeSizes& sizes);  // none
double weighted(const Node&, const FeatureShape&, const NodeSizes& sizes);  // |w x + b|
double activation(const Node& node, const FeatureShape&, const NodeSizes& sizes);
double prelu(const Node&, const FeatureShape&, const NodeSizes& sizes);
double lrn(const Node& node, const FeatureShape&, const NodeSizes& sizes);
double layer_norm(const Node&, const FeatureShape& shape, const NodeSizes& sizes);

}  // namespace bound_rules
}  // namespace hdecomp
