/// The names of a general graph's layers: the file's own, and a short one for each.
#pragma once

#include <string>

#include "nets/graph.h"

namespace hdecomp::general {

/// Adds one of the file's names to a node, unless it has it, has many, or it cannot be printed.
void add_name(Node& node, const std::string& name);

/// Canonical names: the first name of a node with weights, where that is short and its own, else
/// the op with a number ("conv3").
void name_nodes(Graph& graph);

}  // namespace hdecomp::general
