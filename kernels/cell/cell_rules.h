/// The formulas of the cell ops: value() of an output cell, gradient() of an input cell, for host
/// and device alike. Sums over maps go row by row: terms that are alike are rounded the same way
/// each time, and the error of one long sum would grow with its length.
#pragma once

#include <cmath>

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
  int groups, group_size, first, pad_y, pad_x;
  int in_channels, in_h, in_w, out_channels;
  Maps x;  // forward alone

  constexpr float value(int n, int o, int i, int j) const {
    const int c = (groups == 1 ? o : o % groups * group_size + o / groups) + first;
    const int y = i - pad_y, at = j - pad_x;
    if (c < 0 || c >= in_channels || y < 0 || y >= in_h || at < 0 || at >= in_w) return 0;
    return x.at(n, c, y, at);
  }
  /// The output channel that input channel `c` becomes; none: one that there is not.
  constexpr int output_of(int c) const {
    const int from = c - first;
    return groups == 1 ? from : from % group_size * groups + from / group_size;
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
    return formula == CellFormula::mul ? first * second : first / second;
  }
  constexpr float slope(int n, int c, int i, int j) const {
    if (formula == CellFormula::add) return 1;
    if (formula == CellFormula::sub) return to_second ? -1.0f : 1.0f;
    const float second = b.at(n, c, i, j);
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

  constexpr float share(int i, int j) const {
    const Cells rows = count_padding ? y.covered(i) : y.inside(i);
    const Cells columns = count_padding ? x.covered(j) : x.inside(j);
    const int64_t cells = int64_t{rows.end - rows.begin} * (columns.end - columns.begin);
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

struct LrnRule {
  int channels, before, window;
  float alpha, beta, k;  // alpha / window
  Maps x;

  /// k + alpha / window * the sum of squares.
  constexpr float base(int n, int c, int i, int j) const {
    const int first = c - before, end = first + window;
    float sum = 0;
    for (int at = first > 0 ? first : 0; at < end && at < channels; ++at) {
      const float v = x.at(n, at, i, j);
      sum += v * v;
    }
    return k + alpha * sum;
  }
  constexpr float value(int n, int c, int i, int j) const {
    return x.at(n, c, i, j) * std::pow(base(n, c, i, j), -beta);
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const int last = c + before, first = last - window + 1;  // the channels whose window holds c
    float through = 0;
    for (int at = first > 0 ? first : 0; at <= last && at < channels; ++at) {
      const float g = above.at(d, at, i, j);
      if (g == 0) continue;
      through += g * x.at(d.image, at, i, j) * std::pow(base(d.image, at, i, j), -beta - 1);
    }
    const float g = above.at(d, c, i, j);
    const float own = g == 0 ? 0.0f : g * std::pow(base(d.image, c, i, j), -beta);
    return own - 2 * alpha * beta * x.at(d.image, c, i, j) * through;
  }
};

/// A cell's channels have mean m and deviation s (with epsilon): y_c = scale_c (x_c - m) / s +
/// shift_c, and dx_c = (scale_c g_c - mean(scale g) - z_c mean(scale g z)) / s, z = (x - m) / s.
struct LayerNormRule {
  const float *scale, *shift;  // shift: forward alone
  int channels;
  float epsilon;
  Maps x;
  float* moments;   // of each cell: m, 1 / s; backward also both means of g
  int64_t columns;  // forward: w of the maps; backward: of the windows below
  int64_t plane;

  static constexpr int forward_moments = 2, backward_moments = 4;

  constexpr void find(int n, int i, int j, float* to) const {
    float sum = 0;
    for (int c = 0; c < channels; ++c) sum += x.at(n, c, i, j);
    const float mean = sum / static_cast<float>(channels);
    float squares = 0;
    for (int c = 0; c < channels; ++c) {
      const float from_mean = x.at(n, c, i, j) - mean;
      squares += from_mean * from_mean;
    }
    to[0] = mean;
    to[1] = 1 / std::sqrt(squares / static_cast<float>(channels) + epsilon);
  }
  constexpr void find_gradients(const Above& above, const Decision& d, int i, int j,
                                float* to) const {
    find(d.image, i, j, to);
    float sum = 0, with_z = 0;
    for (int c = 0; c < channels; ++c) {
      const float g = scale[c] * above.at(d, c, i, j);
      sum += g;
      with_z += g * (x.at(d.image, c, i, j) - to[0]) * to[1];
    }
    to[2] = sum / static_cast<float>(channels);
    to[3] = with_z / static_cast<float>(channels);
  }
  constexpr float value(int n, int c, int i, int j) const {
    const float* at = moments + (n * plane + i * columns + j) * forward_moments;
    return (x.at(n, c, i, j) - at[0]) * at[1] * scale[c] + shift[c];
  }
  /// `cell`: of the window below.
  constexpr float gradient_at(const Above& above, const Decision& d, int c, int i, int j,
                              int64_t cell) const {
    const float* at = moments + (d.number * plane + cell) * backward_moments;
    const float z = (x.at(d.image, c, i, j) - at[0]) * at[1];
    return at[1] * (scale[c] * above.at(d, c, i, j) - at[2] - z * at[3]);
  }
};

}  // namespace hdecomp::cell
