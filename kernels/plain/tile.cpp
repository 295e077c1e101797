/// The inner loop for vectors of 8 and of 16 floats.
#include "kernels/plain/tile.h"

#include <algorithm>
#include <array>

#include "kernels/plain/lanes.h"

namespace hdecomp::plain {
namespace {

using WideLanes = float __attribute__((vector_size(64)));

#define HDECOMP_INLINE inline __attribute__((always_inline))

template <class Vector>
HDECOMP_INLINE void load_vector(const float* from, Vector& to) {
  std::memcpy(&to, from, sizeof to);
}

template <class Vector, int rows, int vectors>
HDECOMP_INLINE void sum_up(const Tile& t, float* const* c) {
  constexpr int width = sizeof(Vector) / sizeof(float);
  Vector sums[rows][vectors];
#pragma GCC unroll 6
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      load_vector((t.begin != nullptr ? t.begin : c[i]) + v * width, sums[i][v]);
    }
  }
  const int64_t step = t.step;
  const int64_t second = width == panel_columns ? t.panel_floats : width;
  for (int64_t s = 0; s < t.count; ++s) {
    const float* a[rows];
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) a[i] = t.stretches[s].rows[i] + t.offset;
    const float* b = t.b + t.stretches[s].place * t.stretch_floats;
    const int64_t end = t.depth * step;
    for (int64_t k = 0; k < end; k += step, b += panel_columns) {
      Vector values[vectors];
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) load_vector(b + v * second, values[v]);
#pragma GCC unroll 6
      for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) sums[i][v] += values[v] * a[i][k];
      }
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      Vector sum = sums[i][v];
      sum = sum < t.low ? Vector{} + t.low : sum;
      sum = sum > t.high ? Vector{} + t.high : sum;
      std::memcpy(c[i] + v * width, &sum, sizeof sum);
    }
  }
}

template <class Vector, int vectors>
HDECOMP_INLINE void choose_rows(const Tile& t, float* const* c) {
  switch (t.rows) {
    case 1:
      return sum_up<Vector, 1, vectors>(t, c);
    case 2:
      return sum_up<Vector, 2, vectors>(t, c);
    case 3:
      return sum_up<Vector, 3, vectors>(t, c);
    case 4:
      return sum_up<Vector, 4, vectors>(t, c);
    case 5:
      return sum_up<Vector, 5, vectors>(t, c);
    default:
      return sum_up<Vector, 6, vectors>(t, c);
  }
}

void run_narrow(const Tile& t, float* const* c) { choose_rows<Lanes, 2>(t, c); }

#ifdef __x86_64__
__attribute__((target("avx512f"))) void run_wide(const Tile& t, float* const* c) {
  if (t.columns > panel_columns) return choose_rows<WideLanes, 2>(t, c);
  choose_rows<WideLanes, 1>(t, c);
}
bool is_wide() {
  static const bool wide = __builtin_cpu_supports("avx512f") != 0;
  return wide;
}
#else
void run_wide(const Tile& t, float* const* c) { run_narrow(t, c); }
bool is_wide() { return false; }
#endif

#undef HDECOMP_INLINE

void run_whole(const Tile& t, float* const* c) { is_wide() ? run_wide(t, c) : run_narrow(t, c); }

}  // namespace

int64_t panels_at_once() { return is_wide() ? 2 : 1; }

void run_tile(const Tile& t) {
  if (t.columns % panel_columns == 0) return run_whole(t, t.c);
  alignas(64) std::array<float, tile_rows * most_panels * panel_columns> room;
  std::array<float*, tile_rows> c;
  for (int64_t i = 0; i < t.rows; ++i) {
    c[i] = room.data() + i * most_panels * panel_columns;
    if (t.begin == nullptr) std::copy_n(t.c[i], t.columns, c[i]);
  }
  run_whole(t, c.data());
  for (int64_t i = 0; i < t.rows; ++i) std::copy_n(c[i], t.columns, t.c[i]);
}

}  // namespace hdecomp::plain
