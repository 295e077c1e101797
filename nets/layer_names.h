/// Layers by name, in any of the three dialects: canonical, torchvision's, Keras's.
#pragma once

#include <string>

#include "nets/graph.h"

namespace hdecomp {

/// The node that `name` means: a canonical name ("conv5_3", "layer3.2.conv2"), a stage's
/// ("layer3"), "scores" (the class scores), torchvision's ("features.28", "features.29") or Keras's
/// ("block5_conv3"). Throws UserError with the nearest name if there is none.
int find_layer(const Graph& graph, const std::string& name);

/// The name results use: the stage's where the node ends one, else the canonical one; "scores" for
/// the last.
std::string layer_label(const Graph& graph, int node);

}  // namespace hdecomp
