/// How often an op rounds a term of an output: rules of nets/op_table.cpp.
#pragma once

#include <cstdint>

#include "nets/graph.h"

namespace hdecomp {

/// Each term of a sum is rounded in its product, and whenever a later one is added to it. `weights`
/// are those of one output channel.
namespace roundings {

/// Where nothing is computed: a maximum, a move, the activation that ends a node.
int64_t none(const Node& node, const FeatureShape& in, int64_t weights);
int64_t once(const Node& node, const FeatureShape& in, int64_t weights);
int64_t product_and_sum(const Node& node, const FeatureShape& in, int64_t weights);
int64_t weighted(const Node& node, const FeatureShape& in, int64_t weights);
int64_t kernel(const Node& node, const FeatureShape& in, int64_t weights);
int64_t map(const Node& node, const FeatureShape& in, int64_t weights);
int64_t function(const Node& node, const FeatureShape& in, int64_t weights);
int64_t lrn(const Node& node, const FeatureShape& in, int64_t weights);
int64_t layer_norm(const Node& node, const FeatureShape& in, int64_t weights);

}  // namespace roundings
}  // namespace hdecomp
