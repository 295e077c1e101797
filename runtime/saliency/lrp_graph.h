/// What a network's graph alone tells about relevance.
#pragma once

#include <vector>

#include "nets/graph.h"

namespace hdecomp {

/// Whether each node's output may be negative, as its ops tell.
std::vector<bool> signed_nodes(const Graph& graph);

/// The first convolution or linear layer; -1 without one.
int first_layer(const Graph& graph);

/// Whether a node gets no relevance where its output is 0: all that read it share out by what they
/// read, or hand relevance on that has this property. `flat_layer`: of the flat rule, -1 for none.
std::vector<bool> none_at_zero(const Graph& graph, int flat_layer);

}  // namespace hdecomp
