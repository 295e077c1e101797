/// Products of a column for each window of one cell, mostly few, where packing them
/// (product_cpu.h) would take longer than the product.
#pragma once

#include <algorithm>

#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu {

/// A matrix's first element, and how far apart its rows lie.
template <class Float>
struct Matrix {
  Float* data;
  int64_t step;
};

/// Some columns of W^T G, of so many vectors of its rows; of a single vector only `some` lanes.
template <int columns, int vectors>
void thin_vectors(int64_t depth, const Matrix<const float>& w, const Matrix<const float>& g,
                  bool keep, const Matrix<float>& to, int64_t some) {
  Lanes sums[columns][vectors] = {};
  for (int64_t k = 0; k < depth; ++k) {
    const float *row = w.data + k * w.step, *factor = g.data + k * g.step;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const Lanes values = vectors == 1 ? load_some(row, some) : load_lanes(row + v * lanes);
#pragma GCC unroll 3
      for (int n = 0; n < columns; ++n) sums[n][v] += values * factor[n];
    }
  }
#pragma GCC unroll 3
  for (int n = 0; n < columns; ++n) {
    float each[vectors * lanes];  // else the sums would lie in memory all the time
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) store_lanes(sums[n][v], each + v * lanes);
    for (int64_t i = 0; i < (vectors == 1 ? some : vectors * lanes); ++i) {
      float& cell = to.data[i * to.step + n];
      cell = each[i] + (keep ? cell : 0.0f);
    }
  }
}

/// All columns of W^T G, of so many vectors of its rows, which stay in the cache meanwhile.
template <int vectors>
void thin_rows(int64_t columns, int64_t depth, const Matrix<const float>& w,
               const Matrix<const float>& g, bool keep, const Matrix<float>& to, int64_t some) {
  for (int64_t n = 0; n < columns; n += 3) {
    const Matrix<const float> factors{g.data + n, g.step};
    const Matrix<float> target{to.data + n, to.step};
    switch (std::min<int64_t>(columns - n, 3)) {
      case 1:
        thin_vectors<1, vectors>(depth, w, factors, keep, target, some);
        break;
      case 2:
        thin_vectors<2, vectors>(depth, w, factors, keep, target, some);
        break;
      default:
        thin_vectors<3, vectors>(depth, w, factors, keep, target, some);
    }
  }
}

/// `to` (rows, columns) = W^T G, or += it, of W (depth, rows) and G (depth, columns). Each number
/// is a sum in the order of the depth: the same bits beside any others.
inline void thin_product(int64_t rows, int64_t columns, int64_t depth, const Matrix<const float>& w,
                         const Matrix<const float>& g, bool keep, const Matrix<float>& to) {
  constexpr int vectors = 4;
  int64_t r = 0;
  while (r < rows) {
    const Matrix<const float> those{w.data + r, w.step};
    const Matrix<float> target{to.data + r * to.step, to.step};
    if (rows - r >= vectors * lanes) {
      thin_rows<vectors>(columns, depth, those, g, keep, target, lanes);
      r += vectors * lanes;
    } else {
      thin_rows<1>(columns, depth, those, g, keep, target, std::min(rows - r, lanes));
      r += lanes;
    }
  }
}

}  // namespace hdecomp::cpu
