/// For vectors of 8 and of 16 floats: 12 and 24 of them hold the sums.
#include "kernels/product/product_tile_cpu.h"

#include <algorithm>

#include "kernels/loops/register_tile_cpu.h"

namespace hdecomp::cpu {
namespace {

using namespace register_tile;

/// Of A, side by side.
struct PackedRows {
  const float* first;
  int64_t step;

  HDECOMP_ALWAYS_INLINE float at(int i, int64_t) const { return first[i]; }
  HDECOMP_ALWAYS_INLINE void go_on() { first += step; }
};

/// Of c.
struct Lines {
  float* first;
  int64_t step;

  HDECOMP_ALWAYS_INLINE float* at(int i) const { return first + i * step; }
};

struct Summed {
  const ProductTile& t;

  HDECOMP_ALWAYS_INLINE int64_t rows() const { return t.rows; }

  template <class Vector, int rows, int vectors>
  HDECOMP_ALWAYS_INLINE void run() const {
    const Lines c{t.c, t.step};
    Vector sums[rows][vectors] = {};
    add_products(PackedRows{t.a, t.a_step}, {t.b, t.b_step, width<Vector>}, t.depth, sums);
    if (t.add) add_sums(c, sums);
    store_sums(sums, c);
  }
};

template <class Vector, int most>
HDECOMP_ALWAYS_INLINE void choose_vectors(const ProductTile& t) {
  if (t.columns == width<Vector>) return run_rows<Vector, 1, most>(Summed{t});
  if (t.columns == 2 * width<Vector>) return run_rows<Vector, 2, most>(Summed{t});
  run_rows<Vector, 3, most>(Summed{t});
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
#else
void run_wide(const ProductTile& t) { run_narrow(t); }
#endif

}  // namespace

int64_t vector_columns() { return is_wide() ? width<Wide> : width<Narrow>; }

void run_tile(const ProductTile& tile) { is_wide() ? run_wide(tile) : run_narrow(tile); }

}  // namespace hdecomp::cpu
