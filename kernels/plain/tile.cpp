/// The inner loop for vectors of 8 and of 16 floats.
#include "kernels/plain/tile.h"

#include <algorithm>
#include <array>

#include "kernels/loops/register_tile_cpu.h"

namespace hdecomp::plain {
namespace {

using namespace cpu::register_tile;

template <int rows>
struct RowsInPlace {
  const float* first[rows];

  HDECOMP_ALWAYS_INLINE RowsInPlace(const Stretch& stretch, int64_t offset) {
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) first[i] = stretch.rows[i] + offset;
  }
  HDECOMP_ALWAYS_INLINE float at(int i, int64_t k) const { return first[i][k]; }
  HDECOMP_ALWAYS_INLINE void go_on() const {}
};

/// Of c; or the one that all its rows begin with.
struct Lines {
  float* const* each;

  HDECOMP_ALWAYS_INLINE float* at(int i) const { return each[i]; }
};
struct Line {
  const float* all;

  HDECOMP_ALWAYS_INLINE const float* at(int) const { return all; }
};

struct Summed {
  const Tile& t;
  float* const* c;

  HDECOMP_ALWAYS_INLINE int64_t rows() const { return t.rows; }

  template <class Vector, int rows, int vectors>
  HDECOMP_ALWAYS_INLINE void run() const {
    Vector sums[rows][vectors];
    if (t.begin != nullptr) {
      load_sums(Line{t.begin}, sums);
    } else {
      load_sums(Lines{c}, sums);
    }
    const int64_t apart = width<Vector> == panel_columns ? t.panel_floats : width<Vector>;
    for (int64_t s = 0; s < t.count; ++s) {
      const Stretch& stretch = t.stretches[s];
      const float* const b = t.b + stretch.place * t.stretch_floats;
      add_products(RowsInPlace<rows>(stretch, t.offset), {b, panel_columns, apart}, t.depth, sums);
    }
    hold<Vector, rows, vectors>(sums);
    store_sums(sums, Lines{c});
  }

 private:
  template <class Vector, int rows, int vectors>
  HDECOMP_ALWAYS_INLINE void hold(Vector (&sums)[rows][vectors]) const {
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        Vector& sum = sums[i][v];
        sum = sum < t.low ? Vector{} + t.low : sum;
        sum = sum > t.high ? Vector{} + t.high : sum;
      }
    }
  }
};

void run_narrow(const Summed& t) { run_rows<Narrow, 2, tile_rows>(t); }

#ifdef __x86_64__
__attribute__((target("avx512f"))) void run_wide(const Summed& t) {
  if (t.t.columns > panel_columns) return run_rows<Wide, 2, tile_rows>(t);
  run_rows<Wide, 1, tile_rows>(t);
}
#else
void run_wide(const Summed& t) { run_narrow(t); }
#endif

void run_whole(const Summed& t) { is_wide() ? run_wide(t) : run_narrow(t); }

}  // namespace

int64_t panels_at_once() { return is_wide() ? 2 : 1; }

void run_tile(const Tile& t) {
  if (t.columns % panel_columns == 0) return run_whole({t, t.c});
  alignas(64) std::array<float, tile_rows * most_panels * panel_columns> room;
  std::array<float*, tile_rows> c;
  for (int64_t i = 0; i < t.rows; ++i) {
    c[i] = room.data() + i * most_panels * panel_columns;
    if (t.begin == nullptr) std::copy_n(t.c[i], t.columns, c[i]);
  }
  run_whole({t, c.data()});
  for (int64_t i = 0; i < t.rows; ++i) std::copy_n(c[i], t.columns, t.c[i]);
}

}  // namespace hdecomp::plain
