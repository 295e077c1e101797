/// The formulas of what reads a cell's channels together, for host and device alike: norms, the
/// maximum.
#pragma once

#include <cmath>

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/cell_views.h"

namespace hdecomp::cell {

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

/// The largest of a cell's channels; the first of equal ones takes the gradient.
struct ChannelMaxRule {
  int channels;
  Maps x;

  constexpr float value(int n, int, int i, int j) const {
    float largest = x.at(n, 0, i, j);
    for (int c = 1; c < channels; ++c) {
      const float v = x.at(n, c, i, j);
      if (!(v <= largest)) largest = v;  // a NaN is not lost
    }
    return largest;
  }
  constexpr bool is_first_largest(int n, int c, int i, int j) const {
    const float own = x.at(n, c, i, j);
    for (int at = 0; at < channels; ++at) {
      const float v = x.at(n, at, i, j);
      if (at < c ? v >= own : v > own) return false;
    }
    return true;
  }
  constexpr float gradient(const Above& above, const Decision& d, int c, int i, int j) const {
    const float g = above.at(d, 0, i, j);
    return g != 0 && is_first_largest(d.image, c, i, j) ? g : 0.0f;
  }
};

}  // namespace hdecomp::cell
