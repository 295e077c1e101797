/// Each op's rule of shapes, and its weights' extents: what the rows of op_table.cpp name.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nets/graph.h"

namespace hdecomp::shape_rules {

using Inputs = std::span<const FeatureShape>;

/// Each throws UserError, one line that names the layer, if the node's numbers or inputs do not
/// fit.
FeatureShape conv(const Node& node, Inputs in);
FeatureShape linear(const Node& node, Inputs in);
FeatureShape pool(const Node& node, Inputs in);
FeatureShape adaptive_pool(const Node& node, Inputs in);
FeatureShape binary(const Node& node, Inputs in);
FeatureShape concat(const Node& node, Inputs in);
FeatureShape same(const Node& node, Inputs in);
FeatureShape activation(const Node& node, Inputs in);
FeatureShape slice(const Node& node, Inputs in);
FeatureShape pad(const Node& node, Inputs in);
FeatureShape shuffle(const Node& node, Inputs in);
FeatureShape lrn(const Node& node, Inputs in);
FeatureShape layer_norm(const Node& node, Inputs in);
FeatureShape channel_max(const Node& node, Inputs in);
FeatureShape gather(const Node& node, Inputs in);
FeatureShape space_to_depth(const Node& node, Inputs in);
FeatureShape depth_to_space(const Node& node, Inputs in);

std::vector<int64_t> conv_weight(const Node& node, const FeatureShape& in);
std::vector<int64_t> linear_weight(const Node& node, const FeatureShape& in);
std::vector<int64_t> channel_weight(const Node& node, const FeatureShape& in);
std::vector<int64_t> element_weight(const Node& node, const FeatureShape& in);

}  // namespace hdecomp::shape_rules
