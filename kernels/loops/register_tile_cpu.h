/// A tile of a matrix product whose sums stay in registers: what the products of packed factors and
/// those of rows where they lie have in common.
///
/// All of it is inlined into functions that are compiled for the vectors they use, and no vector is
/// passed by value: one of 16 floats has no register outside of those.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/loops/always_inline.h"

namespace hdecomp::cpu::register_tile {

using Narrow = float __attribute__((vector_size(32)));
using Wide = float __attribute__((vector_size(64)));

template <class Vector>
constexpr int width = sizeof(Vector) / sizeof(float);

/// Whether this processor has vectors of 16 floats.
inline bool is_wide() {
#ifdef __x86_64__
  static const bool wide = __builtin_cpu_supports("avx512f") != 0;
  return wide;
#else
  return false;
#endif
}

template <class Vector>
HDECOMP_ALWAYS_INLINE void load_vector(const float* from, Vector& to) {
  std::memcpy(&to, from, sizeof to);
}

/// Each vector is copied by itself: an array that is copied whole would lie in memory.
template <class Vector, int rows, int vectors, class Line>
HDECOMP_ALWAYS_INLINE void load_sums(const Line& line, Vector (&sums)[rows][vectors]) {
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) load_vector(line.at(i) + v * width<Vector>, sums[i][v]);
  }
}

template <class Vector, int rows, int vectors, class Line>
HDECOMP_ALWAYS_INLINE void add_sums(const Line& line, Vector (&sums)[rows][vectors]) {
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) {
      Vector before;
      load_vector(line.at(i) + v * width<Vector>, before);
      sums[i][v] += before;
    }
  }
}

template <class Vector, int rows, int vectors, class Line>
HDECOMP_ALWAYS_INLINE void store_sums(const Vector (&sums)[rows][vectors], const Line& line) {
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) {
      std::memcpy(line.at(i) + v * width<Vector>, &sums[i][v], sizeof sums[i][v]);
    }
  }
}

/// Columns of B: the next number of the depth lies `step` behind, a tile's next vector `apart`.
struct Columns {
  const float* first;
  int64_t step, apart;
};

/// sums(i) += the sum over k < depth of a.at(i, k) * b(k); `a` goes on with each k.
template <class Vector, int rows, int vectors, class Rows>
HDECOMP_ALWAYS_INLINE void add_products(Rows a, const Columns& b, int64_t depth,
                                        Vector (&sums)[rows][vectors]) {
  const float* from = b.first;
  for (int64_t k = 0; k < depth; ++k, a.go_on(), from += b.step) {
    Vector values[vectors];
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) load_vector(from + v * b.apart, values[v]);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; ++v) sums[i][v] += values[v] * a.at(i, k);
    }
  }
}

/// Tile::run<Vector, rows, vectors>() for as many rows as it has, at most `most`.
template <class Vector, int vectors, int most, class Tile>
HDECOMP_ALWAYS_INLINE void run_rows(const Tile& tile) {
  if constexpr (most == 1) {
    tile.template run<Vector, 1, vectors>();
  } else {
    if (tile.rows() >= most) return tile.template run<Vector, most, vectors>();
    run_rows<Vector, vectors, most - 1>(tile);
  }
}

}  // namespace hdecomp::cpu::register_tile
