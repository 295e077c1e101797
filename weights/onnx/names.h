/// The names of an ONNX model's layers: its own, and a short one for each.
#pragma once

#include <string>

#include "nets/graph.h"
#include "weights/onnx/schema.h"

namespace hdecomp::onnx {

/// Adds the raw node's name and its output's to a node; the weight's stem comes first.
void add_names(Node& node, const RawNode& raw, const std::string& output);

/// Canonical names: the stem of the weight's ("layer1.0.conv1" of "layer1.0.conv1.weight"), or the
/// op with a number ("conv3").
void name_nodes(Graph& graph);

}  // namespace hdecomp::onnx
