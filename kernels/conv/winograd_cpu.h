/// The transforms of Winograd's F(3x3, 3x3), one tile or kernel per lane.
///
/// Y = A^T [(G g G^T) * (B^T d B)] A for a tile d of 5 x 5 inputs and the kernel g (Lavin and Gray,
/// 2016); the matrices are Toom and Cook's for the points a, -a, b, -b and infinity.
#pragma once

#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu::winograd {

constexpr int tile_in = 5, tile_out = 3, kernel = 3;
constexpr int points = tile_in * tile_in, taps = kernel * kernel;

// Of the pairs of fractions with short mantissas that were tried, the one of the least error.
constexpr float a = 1.0f / 2, b = 5.0f / 4;
constexpr float a2 = a * a, b2 = b * b;

/// B^T d for one column or row: five values, `stride` apart.
inline void transform_input(Lanes* d, int64_t stride) {
  const Lanes d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride];
  const Lanes even_a = a * (d2 - b2 * d0), odd_a = d3 - b2 * d1;
  const Lanes even_b = b * (d2 - a2 * d0), odd_b = d3 - a2 * d1;
  d[0] = odd_a + even_a;
  d[stride] = odd_a - even_a;
  d[2 * stride] = odd_b + even_b;
  d[3 * stride] = odd_b - even_b;
  d[4 * stride] += a2 * b2 * d0 - (a2 + b2) * d2;
}

/// G g for one column or row: three values to five, `stride` apart in both.
inline void transform_kernel(const Lanes* g, int64_t stride, Lanes* u) {
  constexpr float scale_a = 1 / (2 * a * (a2 - b2)), scale_b = 1 / (2 * b * (b2 - a2));
  const Lanes g0 = g[0], g1 = g[stride], g2 = g[2 * stride];
  const Lanes even_a = g0 + a2 * g2, even_b = g0 + b2 * g2;
  u[0] = scale_a * (even_a + a * g1);
  u[stride] = -scale_a * (even_a - a * g1);
  u[2 * stride] = scale_b * (even_b + b * g1);
  u[3 * stride] = -scale_b * (even_b - b * g1);
  u[4 * stride] = g2;
}

/// A^T m for one column or row: five values to three, in place, `stride` apart.
inline void transform_output(Lanes* m, int64_t stride) {
  const Lanes sum_a = m[0] + m[stride], difference_a = m[0] - m[stride];
  const Lanes sum_b = m[2 * stride] + m[3 * stride];
  const Lanes difference_b = m[2 * stride] - m[3 * stride];
  m[0] = sum_a + sum_b;
  m[stride] = a * difference_a + b * difference_b;
  m[2 * stride] = a2 * sum_a + b2 * sum_b + m[4 * stride];
}

/// B^T d B, in place.
inline void transform_inputs(Lanes (&d)[points]) {
  for (int j = 0; j < tile_in; ++j) transform_input(d + j, tile_in);
  for (int i = 0; i < tile_in; ++i) transform_input(d + i * tile_in, 1);
}

/// u = G g G^T.
inline void transform_kernels(const Lanes (&g)[taps], Lanes (&u)[points]) {
  Lanes half[tile_in * kernel];
  for (int j = 0; j < kernel; ++j) transform_kernel(g + j, kernel, half + j);
  for (int i = 0; i < tile_in; ++i) transform_kernel(half + i * kernel, 1, u + i * tile_in);
}

/// A^T m A, in place: output (i, j) is m[i * tile_in + j].
inline void transform_outputs(Lanes (&m)[points]) {
  for (int j = 0; j < tile_in; ++j) transform_output(m + j, tile_in);
  for (int i = 0; i < tile_out; ++i) transform_output(m + i * tile_in, 1);
}

}  // namespace hdecomp::cpu::winograd
