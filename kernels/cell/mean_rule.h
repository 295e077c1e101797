/// The formula of means over kernels, which skip or count padding, for host and device alike. Its
/// sums go as those of cell_rules.h do.
#pragma once

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/cell_views.h"

namespace hdecomp::cell {

/// One axis of a mean's kernel.
struct MeanAxis {
  int size, stride, pad, pad_end, map;
  int in_first, out_first;  // of the maps that are given

  /// Of output cell `i` of the whole map, in the padded map.
  constexpr Cells covered(int i) const {
    const int begin = i * stride - pad, end = begin + size;
    return {begin, end < map + pad_end ? end : map + pad_end};
  }
  constexpr Cells inside(int i) const {
    const Cells all = covered(i);
    return {all.begin > 0 ? all.begin : 0, all.end < map ? all.end : map};
  }
  /// The output cells whose kernel covers input cell `at`, from the first that may.
  constexpr Cells readers(int at) const {
    const int behind = at + pad - size;  // the last begin that is too early
    return {behind < 0 ? 0 : behind / stride + 1, (at + pad) / stride + 1};
  }
};

struct MeanRule {
  MeanAxis y, x;
  bool count_padding;
  Maps in;  // forward alone

  /// How many rows the mean at row `i` is over.
  constexpr int rows(int i) const {
    const Cells all = count_padding ? y.covered(i) : y.inside(i);
    return all.end - all.begin;
  }
  constexpr float share(int i, int j) const {
    const Cells columns = count_padding ? x.covered(j) : x.inside(j);
    const int64_t cells = int64_t{rows(i)} * (columns.end - columns.begin);
    return cells > 0 ? 1 / static_cast<float>(cells) : 0.0f;
  }
  constexpr float value(int n, int c, int i, int j) const {
    const Cells rows = y.inside(i + y.out_first), columns = x.inside(j + x.out_first);
    float sum = 0;
    for (int r = rows.begin; r < rows.end; ++r) {
      float row = 0;
      for (int q = columns.begin; q < columns.end; ++q) {
        row += in.at(n, c, r - y.in_first, q - x.in_first);
      }
      sum += row;
    }
    return sum * share(i + y.out_first, j + x.out_first);
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int r, int q) const {
    const Cells rows = y.readers(r), columns = x.readers(q);
    const Cells window_y = cells_of(above.y, d.y), window_x = cells_of(above.x, d.x);
    const int last_y = rows.end < window_y.end ? rows.end : window_y.end;
    const int last_x = columns.end < window_x.end ? columns.end : window_x.end;
    float sum = 0;
    for (int i = rows.begin > window_y.begin ? rows.begin : window_y.begin; i < last_y; ++i) {
      float row = 0;
      for (int j = columns.begin > window_x.begin ? columns.begin : window_x.begin; j < last_x;
           ++j) {
        row += above.at(d, c, i, j) * share(i, j);
      }
      sum += row;
    }
    return sum;
  }
};

}  // namespace hdecomp::cell
