/// The inner loop of a matrix product: eight rows with a panel of columns, whose sums stay in
/// registers.
#pragma once

#include <cstdint>

namespace hdecomp::cpu {

constexpr int64_t product_rows = 8;

/// c(i, j) = the sum over k of a[k * a_step + i] * b[k * b_step + j], or c(i, j) plus it.
struct ProductTile {
  const float* a;
  const float* b;
  int64_t a_step, b_step, depth;
  int64_t rows, columns;  // columns: a multiple of the vectors', at most panel_columns()
  bool add;
  float* c;
  int64_t step;  // from one row of c to the next
};

void run_tile(const ProductTile& tile);

/// Of this processor's vectors: 16 with AVX-512.
int64_t vector_columns();
/// Of the widest tile: three vectors.
inline int64_t panel_columns() { return 3 * vector_columns(); }

}  // namespace hdecomp::cpu
