/// Maps whose channels lie side by side in each cell, as planes.
#pragma once

#include <span>

#include "kernels/core/context.h"

namespace hdecomp::cpu {

/// So many cells go together: whole cache lines of a plane.
constexpr int64_t turned_cells = 16;

/// to (channels, cells) of from (cells, channels).
void channels_to_planes(const Context& context, int64_t cells, int64_t channels, const float* from,
                        float* to);

/// The same of some of the map's pieces of turned_cells.
void channels_to_planes(const Context& context, int64_t cells, int64_t channels, const float* from,
                        float* to, std::span<const int64_t> pieces);

}  // namespace hdecomp::cpu
