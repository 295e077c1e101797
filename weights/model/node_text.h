/// A node of a general graph as a line of JSON (weights/FORMAT.md).
#pragma once

#include <string>

#include "nets/graph.h"

namespace hdecomp {

std::string node_line(const Node& node);

/// The node of this line, the `position`-th of the file: its inputs are nodes before it. Throws
/// UserError, one line that names the node.
Node node_of_line(const std::string& line, size_t position);

}  // namespace hdecomp
