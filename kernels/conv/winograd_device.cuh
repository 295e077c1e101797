/// The one-dimensional transforms of Winograd's F(4x4, 3x3), for one tile or kernel.
///
/// Y = A^T [(G g G^T) * (B^T d B)] A for a tile d of 6 x 6 inputs and the kernel g (Lavin and Gray,
/// 2016); the matrices are Toom and Cook's for the points 0, a, -a, b, -b and infinity.
#pragma once

#include <cuda_runtime.h>

namespace hdecomp::cuda::winograd {

constexpr int tile_in = 6, tile_out = 4, points = tile_in * tile_in;
// Of the pairs of fractions with short mantissas that were tried, the one of the least error.
constexpr float a = 5.0f / 8, b = 3.0f / 2;
constexpr float a2 = a * a, b2 = b * b;

/// B^T d for one column or row of six.
__device__ inline void transform_input(float (&d)[tile_in]) {
  const float even_a = d[4] - b2 * d[2], odd_a = a * (d[3] - b2 * d[1]);
  const float even_b = d[4] - a2 * d[2], odd_b = b * (d[3] - a2 * d[1]);
  const float first = d[4] - (a2 + b2) * d[2] + a2 * b2 * d[0];
  const float last = d[5] - (a2 + b2) * d[3] + a2 * b2 * d[1];
  d[0] = first;
  d[1] = even_a + odd_a;
  d[2] = even_a - odd_a;
  d[3] = even_b + odd_b;
  d[4] = even_b - odd_b;
  d[5] = last;
}

/// A^T m for one column or row of six.
__device__ inline void transform_output(const float (&m)[tile_in], float (&y)[tile_out]) {
  const float sum_a = m[1] + m[2], difference_a = m[1] - m[2];
  const float sum_b = m[3] + m[4], difference_b = m[3] - m[4];
  y[0] = m[0] + sum_a + sum_b;
  y[1] = a * difference_a + b * difference_b;
  y[2] = a2 * sum_a + b2 * sum_b;
  y[3] = a * a2 * difference_a + b * b2 * difference_b + m[5];
}

/// G g for one column or row of three, in double: it is done once, and its rounding would stay.
__device__ inline void transform_weight(const double (&g)[3], double (&u)[tile_in]) {
  const double da = a, db = b, da2 = da * da, db2 = db * db;
  const double scale_a = 1 / (2 * da2 * (da2 - db2)), scale_b = 1 / (2 * db2 * (db2 - da2));
  u[0] = g[0] / (da2 * db2);
  u[1] = (g[0] + da * g[1] + da2 * g[2]) * scale_a;
  u[2] = (g[0] - da * g[1] + da2 * g[2]) * scale_a;
  u[3] = (g[0] + db * g[1] + db2 * g[2]) * scale_b;
  u[4] = (g[0] - db * g[1] + db2 * g[2]) * scale_b;
  u[5] = g[2];
}

}  // namespace hdecomp::cuda::winograd
