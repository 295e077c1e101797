/// For vectors of 8 and of 16 floats: 12 and 24 of them hold the sums.
#include "kernels/product/product_tile_cpu.h"

#include <algorithm>
#include <cstring>

namespace hdecomp::cpu {
namespace {

#define HDECOMP_INLINE inline __attribute__((always_inline))

using Narrow = float __attribute__((vector_size(32)));
using Wide = float __attribute__((vector_size(64)));

template <class Vector>
HDECOMP_INLINE void load_vector(const float* from, Vector& to) {
  std::memcpy(&to, from, sizeof to);
}

/// Each vector is copied by itself: an array that is copied whole would lie in memory.
template <class Vector, int rows, int vectors>
HDECOMP_INLINE void sum_up(const ProductTile& t) {
  constexpr int width = sizeof(Vector) / sizeof(float);
  Vector sums[rows][vectors] = {};
  float* c = t.c;
  if (t.add) {
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; ++v) load_vector(c + i * t.step + v * width, sums[i][v]);
    }
  }
  const float *a = t.a, *b = t.b;
  for (int64_t k = 0; k < t.depth; ++k, a += t.a_step, b += t.b_step) {
    Vector values[vectors];
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) load_vector(b + v * width, values[v]);
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; ++v) sums[i][v] += values[v] * a[i];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; ++v) {
      std::memcpy(c + i * t.step + v * width, &sums[i][v], sizeof sums[i][v]);
    }
  }
}

/// Any rows up to `most`.
template <class Vector, int vectors, int most>
HDECOMP_INLINE void choose_rows(const ProductTile& t) {
  if constexpr (most == 1) {
    sum_up<Vector, 1, vectors>(t);
  } else {
    if (t.rows >= most) return sum_up<Vector, most, vectors>(t);
    choose_rows<Vector, vectors, most - 1>(t);
  }
}

template <class Vector, int most>
HDECOMP_INLINE void choose_vectors(const ProductTile& t) {
  constexpr int64_t width = sizeof(Vector) / sizeof(float);
  if (t.columns == width) return choose_rows<Vector, 1, most>(t);
  if (t.columns == 2 * width) return choose_rows<Vector, 2, most>(t);
  choose_rows<Vector, 3, most>(t);
}

/// Sixteen registers hold the sums of four rows.
void run_narrow(ProductTile t) {
  constexpr int half = 4;
  for (int64_t left = t.rows; left > 0; left -= half) {
    t.rows = std::min<int64_t>(left, half);
    choose_vectors<Narrow, half>(t);
    t.a += half, t.c += half * t.step;
  }
}

#ifdef __x86_64__
__attribute__((target("avx512f"))) void run_wide(const ProductTile& t) {
  choose_vectors<Wide, product_rows>(t);
}
bool is_wide() {
  static const bool wide = __builtin_cpu_supports("avx512f") != 0;
  return wide;
}
#else
void run_wide(const ProductTile& t) { run_narrow(t); }
bool is_wide() { return false; }
#endif

#undef HDECOMP_INLINE

}  // namespace

int64_t vector_columns() {
  return static_cast<int64_t>((is_wide() ? sizeof(Wide) : sizeof(Narrow)) / sizeof(float));
}

void run_tile(const ProductTile& tile) { is_wide() ? run_wide(tile) : run_narrow(tile); }

}  // namespace hdecomp::cpu
