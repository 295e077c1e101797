/// Winograd's one-dimensional transforms for tiles of 4 x 4 and 2 x 2 outputs and kernels of 3 x 3,
/// of as many channels at once as a vector has floats.
///
/// Y = A^T [(G g G^T) * (B^T d B)] A for a tile d of inputs and the kernel g (Lavin and Gray,
/// 2016); the matrices are Toom and Cook's for the points 0, p, -p, q, -q and infinity, as
/// oneDNN's.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/loops/always_inline.h"

/// Attributes of those that the transforms become part of, where they are compiled for other
/// vectors than the rest of their source: defined there, before this file is included.
#ifndef HDECOMP_WINOGRAD_TARGET
#define HDECOMP_WINOGRAD_TARGET
#endif
#define HDECOMP_WINOGRAD_INLINE HDECOMP_ALWAYS_INLINE HDECOMP_WINOGRAD_TARGET

namespace hdecomp::cpu::winograd_points {

constexpr int kernel = 3, taps = kernel * kernel;
constexpr int in_side = 6, out_side = 4;  // of tiles of 4 x 4
constexpr float p = 0.625f, q = 1.5f, pp = p * p, qq = q * q;

/// How vectors are multiplied and added where no bit hangs on it: by the compiler's choice.
struct AnySums {
  template <class Vector>
  HDECOMP_WINOGRAD_INLINE static Vector plus(float factor, const Vector& value, const Vector& sum) {
    return factor * value + sum;
  }
  template <class Vector>
  HDECOMP_WINOGRAD_INLINE static Vector less(float factor, const Vector& value, const Vector& sum) {
    return sum - factor * value;
  }
};

/// B^T d of one row or column of a tile for 4 x 4 outputs.
template <class Sums, class Vector>
HDECOMP_WINOGRAD_INLINE void to_points(const Vector* d, Vector* v) {
  const Vector even_p = Sums::less(qq, d[2], d[4]), odd_p = Sums::less(qq, d[1], d[3]);
  const Vector even_q = Sums::less(pp, d[2], d[4]), odd_q = Sums::less(pp, d[1], d[3]);
  v[0] = Sums::plus(pp * qq, d[0], Sums::less(pp + qq, d[2], d[4]));
  v[1] = Sums::plus(p, odd_p, even_p);
  v[2] = Sums::less(p, odd_p, even_p);
  v[3] = Sums::plus(q, odd_q, even_q);
  v[4] = Sums::less(q, odd_q, even_q);
  v[5] = Sums::plus(pp * qq, d[1], Sums::less(pp + qq, d[3], d[5]));
}

/// A^T m of one row or column.
template <class Sums, class Vector>
HDECOMP_WINOGRAD_INLINE void from_points(const Vector* m, Vector* y) {
  const Vector sum_p = m[1] + m[2], difference_p = m[1] - m[2];
  const Vector sum_q = m[3] + m[4], difference_q = m[3] - m[4];
  y[0] = m[0] + (sum_p + sum_q);
  y[1] = Sums::plus(p, difference_p, q * difference_q);
  y[2] = Sums::plus(pp, sum_p, qq * sum_q);
  y[3] = Sums::plus(pp * p, difference_p, Sums::plus(qq * q, difference_q, m[5]));
}

/// Of the matrix for the points p and -p beside q and -q: rows that differ in the middle value's
/// sign.
struct Pair {
  float ends, middle, far;

  static constexpr Pair of(double point, double other) {
    const double scale = 1 / (2 * point * point * (point * point - other * other));
    return {static_cast<float>(scale), static_cast<float>(point * scale),
            static_cast<float>(point * point * scale)};
  }
};

/// G for tiles of 4 x 4: of the points 0, 5/8 and -5/8, 3/2 and -3/2, infinity.
struct LargeTiles {
  static constexpr int side = in_side;
  static constexpr float first = static_cast<float>(1 / (0.625 * 0.625 * 1.5 * 1.5));
  static constexpr Pair inner = Pair::of(p, q), outer = Pair::of(q, p);
};

/// The same for tiles of 2 x 2: of the points 0, 1 and -1, infinity.
struct SmallTiles {
  static constexpr int side = 4;
  static constexpr float first = 1;
  static constexpr Pair inner{0.5f, 0.5f, 0.5f};
};

/// (0 + a + b) + c and (0 + a - b) + c, as oneDNN's sums begin: of no values but zeros 0, not -0.
template <class Vector>
HDECOMP_WINOGRAD_INLINE void put_pair(const Pair& pair, const Vector* g, Vector* u) {
  const Vector a = g[0] * pair.ends + 0.0f, b = g[1] * pair.middle, c = g[2] * pair.far;
  u[0] = (a + b) + c;
  u[1] = (a - b) + c;
}

/// G g of one row or column.
template <class Tiles, class Vector>
HDECOMP_WINOGRAD_INLINE void kernel_to_points(const Vector* g, Vector* u) {
  u[0] = g[0] * Tiles::first + 0.0f;
  put_pair(Tiles::inner, g, u + 1);
  if constexpr (Tiles::side == in_side) put_pair(Tiles::outer, g, u + 3);
  u[Tiles::side - 1] = g[2] + 0.0f;
}

/// G g G^T of kernels that lie tap by tap, each tap of a vector's output channels; `step` floats
/// from one position to the next.
template <class Tiles, class Vector>
HDECOMP_WINOGRAD_INLINE void transform_kernels(const float* kernels, int64_t step, float* to) {
  constexpr int side = Tiles::side;
  Vector g[taps], rows[kernel * side], column[kernel], u[side];
  std::memcpy(g, kernels, sizeof g);
  for (int i = 0; i < kernel; ++i) kernel_to_points<Tiles>(g + i * kernel, rows + i * side);
  for (int j = 0; j < side; ++j) {
    for (int i = 0; i < kernel; ++i) column[i] = rows[i * side + j];
    kernel_to_points<Tiles>(column, u);
    for (int i = 0; i < side; ++i) std::memcpy(to + (i * side + j) * step, &u[i], sizeof u[i]);
  }
}

}  // namespace hdecomp::cpu::winograd_points

#undef HDECOMP_WINOGRAD_INLINE
