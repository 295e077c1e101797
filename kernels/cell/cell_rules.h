/// The formulas of the cell ops: value() of an output cell, gradient() of an input cell, for host
/// and device alike. Means, norms and what depends on a cell's place are in
/// mean_rule.h, norm_rules.h and place_rules.h. Sums over maps go row by
/// row: terms that are alike are rounded the same way each time, and the error of one long sum
/// would grow with its length.
#pragma once

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/cell_views.h"

namespace hdecomp::cell {

struct ScalarRule {
  ScalarFunction function;
  Maps x;

  constexpr float value(int n, int c, int i, int j) const {
    return value_of(function, x.at(n, c, i, j));
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const float g = above.at(d, c, i, j);
    return g == 0 ? 0.0f : g * derivative_of(function, x.at(d.image, c, i, j));
  }
};

/// At 0 the derivative is 1.
struct PreluRule {
  const float* slope;
  Maps x;

  constexpr float value(int n, int c, int i, int j) const {
    const float v = x.at(n, c, i, j);
    return v < 0 ? slope[c] * v : v;
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const float g = above.at(d, c, i, j);
    return x.at(d.image, c, i, j) < 0 ? slope[c] * g : g;
  }
};

struct AffineRule {
  const float *scale, *shift;  // shift: forward alone
  Maps x;                      // forward alone

  constexpr float value(int n, int c, int i, int j) const {
    return scale[c] * x.at(n, c, i, j) + shift[c];
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    return scale[c] * above.at(d, c, i, j);
  }
};

struct MoveRule {
  int groups, group_size, first, skipped, pad_y, pad_x;
  int in_channels, in_h, in_w, out_channels;
  Maps x;  // forward alone

  constexpr float value(int n, int o, int i, int j) const {
    const int k = o + skipped;
    const int c = (groups == 1 ? k : k % groups * group_size + k / groups) + first;
    const int y = i - pad_y, at = j - pad_x;
    if (c < 0 || c >= in_channels || y < 0 || y >= in_h || at < 0 || at >= in_w) return 0;
    return x.at(n, c, y, at);
  }
  /// The output channel that input channel `c` becomes; none: one that there is not.
  constexpr int output_of(int c) const {
    const int from = c - first;
    return (groups == 1 ? from : from % group_size * groups + from / group_size) - skipped;
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const int o = output_of(c);
    if (o < 0 || o >= out_channels) return 0;
    return above.at(d, o, i + pad_y, j + pad_x);
  }
};

/// a op b. Where the input that the gradient goes to has one channel, or one cell, for all, the
/// gradients of all that read it add up.
template <CellFormula formula>
struct BinaryRule {
  Maps a, b;
  bool to_second;              // which input the gradient goes to
  bool one_channel, one_cell;  // of that input
  int channels;                // of the output

  constexpr float value(int n, int c, int i, int j) const {
    const float first = a.at(n, c, i, j), second = b.at(n, c, i, j);
    if (formula == CellFormula::add) return first + second;
    if (formula == CellFormula::sub) return first - second;
    if (formula == CellFormula::max) return larger(first, second);
    return formula == CellFormula::mul ? first * second : first / second;
  }
  /// A NaN is not lost.
  static constexpr float larger(float first, float second) {
    if (first >= second) return first;
    return second > first ? second : first + second;
  }
  /// Two that are equal have half of a maximum's gradient each.
  constexpr float share(float first, float second) const {
    if (first == second) return 0.5f;
    return (second > first) == to_second ? 1.0f : 0.0f;
  }
  constexpr float slope(int n, int c, int i, int j) const {
    if (formula == CellFormula::add) return 1;
    if (formula == CellFormula::sub) return to_second ? -1.0f : 1.0f;
    const float second = b.at(n, c, i, j);
    if (formula == CellFormula::max) return share(a.at(n, c, i, j), second);
    if (formula == CellFormula::mul) return to_second ? a.at(n, c, i, j) : second;
    return to_second ? -a.at(n, c, i, j) / (second * second) : 1 / second;
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const int first = one_channel ? 0 : c, end = one_channel ? channels : c + 1;
    const Cells rows = one_cell ? cells_of(above.y, d.y) : Cells{i, i + 1};
    const Cells columns = one_cell ? cells_of(above.x, d.x) : Cells{j, j + 1};
    float sum = 0;
    for (int at = first; at < end; ++at) {
      for (int y = rows.begin; y < rows.end; ++y) {
        float row = 0;
        for (int x = columns.begin; x < columns.end; ++x) {
          const float g = above.at(d, at, y, x);
          if (g != 0) row += g * slope(d.image, at, y, x);
        }
        sum += row;
      }
    }
    return sum;
  }
};

}  // namespace hdecomp::cell
