/// From a graph's node to what its op is planned with.
#pragma once

#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/pool/pool.h"
#include "nets/graph.h"

namespace hdecomp {

/// For inputs of shape `in`, `batch` images at a time.
ConvSpec conv_spec(const Node& node, const FeatureShape& in, int64_t batch);
LinearSpec linear_spec(const Node& node, const FeatureShape& in, int64_t batch);
PoolSpec pool_spec(const Node& node);

}  // namespace hdecomp
