/// A general graph as text: a line of JSON for each node and each stage (weights/FORMAT.md).
#pragma once

#include <string>
#include <vector>

#include "hdecomp/pixel_size.h"
#include "nets/graph.h"

namespace hdecomp {

constexpr const char* general_arch = "graph";

std::vector<std::string> node_lines(const Graph& graph);
std::vector<std::string> stage_lines(const Graph& graph);

/// The graph of these lines, with its shapes; of no classes, one without scores. Throws UserError,
/// one line that names the node, if they make no network.
Graph graph_of_lines(const std::vector<std::string>& nodes, const std::vector<std::string>& stages,
                     const PixelSize& input_size, int64_t classes);

/// Throws UserError unless the stage ends are one or more nodes in rising order that depend on one
/// another, below the scores.
void check_stages(const Graph& graph);

}  // namespace hdecomp
