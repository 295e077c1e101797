/// Maps whose channels, or blocks of them, lie side by side in each cell, as planes.
#pragma once

#include <span>

#include "kernels/core/context.h"

namespace hdecomp::cpu {

/// So many cells go together: whole cache lines of a plane.
constexpr int64_t turned_cells = 16;

/// Maps (channels / block, cells, block); a block is all channels, or a whole number of vectors.
struct SideBySide {
  int64_t channels, cells, block;

  /// Of the first cell.
  int64_t place(int64_t channel) const { return channel / block * cells * block + channel % block; }
};

/// to (channels, cells) of such maps.
void channels_to_planes(const Context& context, const SideBySide& maps, const float* from,
                        float* to);

/// The same of some of the map's pieces of turned_cells.
void channels_to_planes(const Context& context, const SideBySide& maps, const float* from,
                        float* to, std::span<const int64_t> pieces);

}  // namespace hdecomp::cpu
