/// The inner loop of all products: a few rows with a panel of columns, whose sums stay in
/// registers.
#pragma once

#include <cstdint>
#include <limits>

namespace hdecomp::plain {

constexpr int64_t tile_rows = 6;
/// Columns that lie side by side in a packed matrix: (panels, depth, panel_columns).
constexpr int64_t panel_columns = 16;
constexpr int64_t most_panels = 2;  // of a tile

/// Where the same stretch of each row begins, and which stretch of the packed matrix it meets.
struct Stretch {
  const float* rows[tile_rows];
  int64_t place;
};

/// c(i, j) = begin(j), or what it holds, + the sum over stretches s and k < depth of
/// rows(i)[offset + k] * b(place(s) * stretch_floats + k, j), held between low and high.
/// Each number is one chain of sums, in the order of the stretches: to the same bits in any cut.
struct Tile {
  const Stretch* stretches;
  int64_t count, offset, depth;
  const float* b;  // of the first panel
  int64_t stretch_floats, panel_floats;
  const float* begin;  // whole panels of them; null: c goes on
  float* const* c;     // by row
  int64_t rows, columns;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();  // a NaN stays one
};

void run_tile(const Tile& tile);

/// How many panels a tile of this processor has at most.
int64_t panels_at_once();
/// Of a stretch, so that its part of the panels stays in the first-level cache from tile to tile.
inline int64_t depth_at_once() { return 256 / panels_at_once(); }

}  // namespace hdecomp::plain
