/// Which published architecture a network from a general graph is, if it is one.
#pragma once

#include <optional>
#include <vector>

#include "nets/family.h"

namespace hdecomp {

struct KnownNetwork {
  NetParams params;
  Graph graph;  // the family's
  // Per node of it: the given graph's that computes the same; -1 of a concatenation that the given
  // graph has as a part of another.
  std::vector<int> nodes;
};

/// The first family whose graph computes what this one does, node by node in the same order.
/// Widths, class count and input size may differ from the published ones. Empty where there is
/// none.
std::optional<KnownNetwork> known_network(const Graph& graph);

/// The tensors that a concatenation is made of, those of concatenations within it too: `most` and
/// one more at most, since those of a file may grow without a bound.
std::vector<int> concatenated(const Graph& graph, int node, size_t most);

}  // namespace hdecomp
