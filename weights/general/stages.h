/// Where the stages of a network end that has no family to say so.
#pragma once

#include <vector>

#include "nets/graph.h"

namespace hdecomp::general {

/// The last node before the map's height or width falls by a third or more, and the last map; each
/// such that every path from the image to the scores passes it. Pools are not taken.
std::vector<Stage> find_stages(const Graph& graph);

}  // namespace hdecomp::general
