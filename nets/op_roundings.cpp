/// The rules of roundings.
#include "nets/op_roundings.h"

namespace hdecomp::roundings {

int64_t none(const Node&, const FeatureShape&, int64_t) { return 0; }
int64_t once(const Node&, const FeatureShape&, int64_t) { return 1; }
int64_t product_and_sum(const Node&, const FeatureShape&, int64_t) { return 2; }
int64_t weighted(const Node&, const FeatureShape&, int64_t weights) { return weights + 1; }
int64_t kernel(const Node& node, const FeatureShape&, int64_t) { return node.y.size * node.x.size; }
int64_t map(const Node&, const FeatureShape& in, int64_t) { return in.height * in.width; }
/// Of the longest formula, GELU's by tanh; exp, tanh and erf err by two roundings.
int64_t function(const Node&, const FeatureShape&, int64_t) { return 10; }
/// A square, their sum, alpha, k, the power (two) and a product.
int64_t lrn(const Node& node, const FeatureShape&, int64_t) { return node.lrn.size + 6; }
/// The sums of mean and variance, and beside them: two quotients, a difference twice, a square,
/// epsilon, a root and its inverse, two products and the shift.
int64_t layer_norm(const Node&, const FeatureShape& in, int64_t) { return 2 * in.channels + 11; }

}  // namespace hdecomp::roundings
