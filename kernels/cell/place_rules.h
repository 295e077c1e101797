/// The formulas of what depends on a cell's place in the map, for host and device alike: cells that
/// move, and scales that differ over the map.
#pragma once

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/cell_views.h"

namespace hdecomp::cell {

/// One axis of a gather: output cell i reads the input's (+-(i / repeat) - pad) mod map.
struct GatherAxis {
  bool backwards;
  int pad, repeat, map, size;
  int out_first;  // of the maps that are given

  constexpr int round_map(int at) const {
    const int rest = at % map;
    return rest < 0 ? rest + map : rest;
  }
  constexpr bool is_inside(int i) const { return i >= 0 && i < size; }
  constexpr int source(int i) const {
    const int step = i / repeat;
    return round_map((backwards ? -step : step) - pad);
  }
  /// The first output cell that reads the input's cell `at`; there may be none before `size`.
  constexpr int64_t first_reader(int at) const {
    const int step = at + pad;
    return int64_t{round_map(backwards ? -step : step)} * repeat;
  }
  /// The one that reads the same cell after output cell i.
  constexpr int64_t next_reader(int64_t i) const {
    return (i + 1) % repeat != 0 ? i + 1 : i + 1 + int64_t{map - 1} * repeat;
  }
};

struct GatherRule {
  GatherAxis y, x;
  Maps in;  // forward alone

  constexpr float value(int n, int c, int i, int j) const {
    const int row = i + y.out_first, column = j + x.out_first;
    if (!y.is_inside(row) || !x.is_inside(column)) return 0;
    return in.at(n, c, y.source(row), x.source(column));
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int r, int q) const {
    float sum = 0;
    for (int64_t i = y.first_reader(r); i < y.size; i = y.next_reader(i)) {
      float row = 0;
      for (int64_t j = x.first_reader(q); j < x.size; j = x.next_reader(j)) {
        row += above.at(d, c, static_cast<int>(i), static_cast<int>(j));
      }
      sum += row;
    }
    return sum;
  }
};

/// Cell (i, j) of a block is its channel's part i x + j.
struct Block {
  int y, x;

  constexpr int cells() const { return y * x; }
  constexpr int part(int i, int j) const { return i % y * x + j % x; }
};

struct ToDepthRule {
  Block block;
  Maps in;  // forward alone

  constexpr float value(int n, int o, int i, int j) const {
    const int part = o % block.cells();
    return in.at(n, o / block.cells(), i * block.y + part / block.x, j * block.x + part % block.x);
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    return above.at(d, c * block.cells() + block.part(i, j), i / block.y, j / block.x);
  }
};

struct ToSpaceRule {
  Block block;
  int first_y, first_x;  // of the maps that are given
  int in_h, in_w;
  Maps in;  // forward alone

  constexpr float value(int n, int c, int i, int j) const {
    const int y = i + first_y, x = j + first_x;
    if (y < 0 || y >= in_h * block.y || x < 0 || x >= in_w * block.x) return 0;
    return in.at(n, c * block.cells() + block.part(y, x), y / block.y, x / block.x);
  }
  constexpr float gradient(const Above& above, const Decision& d, int k, int i, int j) const {
    const int part = k % block.cells();
    return above.at(d, k / block.cells(), i * block.y + part / block.x,
                    j * block.x + part % block.x);
  }
};

struct AffineMapRule {
  const float *scale, *shift;  // (c, height, width); shift: forward alone
  int height, width;
  int first_y, first_x;  // of the maps that are given
  Maps x;                // forward alone

  constexpr int64_t place(int c, int i, int j) const {
    return (int64_t{c} * height + i) * width + j;
  }
  constexpr float value(int n, int c, int i, int j) const {
    const int row = i + first_y, column = j + first_x;
    if (row < 0 || row >= height || column < 0 || column >= width) return 0;
    const int64_t at = place(c, row, column);
    return scale[at] * x.at(n, c, i, j) + shift[at];
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    return scale[place(c, i, j)] * above.at(d, c, i, j);
  }
};

}  // namespace hdecomp::cell
