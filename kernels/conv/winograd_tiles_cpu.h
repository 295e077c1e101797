/// The inner loops of Winograd's F(4x4, 3x3) over maps in blocks of sixteen channels, for AVX-512.
/// The transforms are those of winograd_points_cpu.h; G is taken in winograd_blocks_cpu.
#pragma once

#include <cstdint>

#include "kernels/core/activation.h"

namespace hdecomp::cpu::winograd_tiles {

constexpr int64_t lanes = 16;  // channels side by side in a map
constexpr int64_t side = 4;    // of a tile of outputs
constexpr int64_t positions = 36;
constexpr int64_t strip = 14;               // tiles that are multiplied together, at most
constexpr int64_t pair = 2 * lanes;         // output channels that are
constexpr int64_t sums = positions * pair;  // floats of one tile's products for a pair

/// One block of channels of a map: (height, width, lanes).
struct Extent {
  int64_t height, width;
};

/// A tile by its first cell, of the inputs or of the outputs.
struct Corner {
  int64_t y, x;
};

/// B^T d B of the tile's inputs, zero outside of the map: a line of `lanes` floats for each
/// position, `step` floats apart, each 64-byte aligned.
void spread(const float* map, const Extent& extent, const Corner& at, float* to, int64_t step);

/// Sums over `blocks` blocks of input channels for one position: of up to `strip` rows, tiles, in
/// each block (strip, lanes), times `weights`, (input channels, pair). Row r's go to
/// `to` + r * step. Meanwhile what will be read next is brought near: `ahead_lines` cache lines for
/// each block from `ahead` on.
struct Product {
  const float* tiles;
  const float* weights;
  int64_t blocks;
  float* to;
  int64_t step;
  const float* ahead;
  int64_t ahead_lines;
};
void multiply(int64_t rows, const Product& product);

/// A map as the one that is written, of a layer with that activation: what does not pass there
/// becomes 0.
struct Passed {
  Activation activation = Activation::none;
  const float* feature = nullptr;
};

/// What becomes of a tile's outputs.
struct End {
  const float* bias = nullptr;  // of the block's channels; none
  Activation activation = Activation::none;
  Passed passed = {};
};

/// A^T [sums] A, of `lanes` of a pair, into the tile's cells that are in the map. The positions'
/// lines lie `pair` floats apart.
void gather(const float* from, const End& end, float* map, const Extent& extent,
            const Corner& corner);

}  // namespace hdecomp::cpu::winograd_tiles
