/// How much memory a network's features take, asked before any is taken: a model file of a few
/// megabytes may ask for a large input.
#pragma once

#include <cstdint>

#include "nets/graph.h"

namespace hdecomp {

/// Of one image: more than any network that works has.
constexpr int64_t most_feature_bytes = int64_t{4} << 30;

/// Bytes of all nodes' features of one image, which a forward pass keeps.
int64_t feature_bytes(const Graph& graph);

/// Throws UserError that names the input's size, the memory and what would fit, if one image's
/// features take more than most_feature_bytes or a batch's more than `available` bytes.
void require_room_for_features(const Graph& graph, int64_t batch, int64_t available);

/// Bytes of the host's memory that may still be taken: the system's, and the control group's, if
/// it has a limit. The largest number where the system does not say.
int64_t available_memory();

}  // namespace hdecomp
