/// The bounds of each op.
#include "nets/op_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hdecomp::bound_rules {
namespace {

constexpr double none = std::numeric_limits<double>::infinity();

}  // namespace

double largest(const Node&, const FeatureShape&, const NodeSizes& sizes) {
  double most = 0;
  for (const double input : sizes.inputs) most = std::max(most, input);
  return most;
}

double sum(const Node&, const FeatureShape&, const NodeSizes& sizes) {
  double all = 0;
  for (const double input : sizes.inputs) all += input;
  return all;
}

double product(const Node&, const FeatureShape&, const NodeSizes& sizes) {
  return sizes.inputs[0] * sizes.inputs[1];
}

double quotient(const Node&, const FeatureShape&, const NodeSizes&) {
  return none;  // the divisor may be near zero
}

double weighted(const Node&, const FeatureShape&, const NodeSizes& sizes) {
  return sizes.weights * sizes.inputs[0] + sizes.bias;
}

double activation(const Node& node, const FeatureShape&, const NodeSizes& sizes) {
  return largest_value(node.function, sizes.inputs[0]);
}

double prelu(const Node&, const FeatureShape&, const NodeSizes& sizes) {
  return sizes.inputs[0] * std::max(1.0, sizes.weights);
}

double lrn(const Node& node, const FeatureShape&, const NodeSizes& sizes) {
  const ResponseNorm& norm = node.lrn;
  if (norm.beta < 0) return none;
  return sizes.inputs[0] * std::pow(1 / std::min<double>(norm.k, 1), norm.beta);
}

double layer_norm(const Node&, const FeatureShape& shape, const NodeSizes& sizes) {
  // No number lies further from a mean than sqrt(n) deviations.
  return sizes.weights * std::sqrt(shape.channels) + sizes.bias;
}

}  // namespace hdecomp::bound_rules
