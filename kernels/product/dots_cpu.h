/// Dot products of some rows with some vectors, computed together: each value is read once for all.
#pragma once

#include "kernels/product/bf16_cpu.h"

namespace hdecomp::cpu {

/// Sum of the lanes, halves onto halves, and of a[i] * b[i], fewer than there are lanes.
template <class Number>
float total(const Lanes& sums, const Number* a, const float* b, int64_t left) {
  float each[lanes];
  store_lanes(sums, each);
  for (int64_t j = 0; j < left; ++j) each[j] += a[j] * b[j];
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t j = 0; j < half; ++j) each[j] += each[j + half];
  }
  return each[0];
}

/// out(r, n) = the sum over i < count of rows[r * step + i] * x[n * count + i], for R rows and N
/// vectors, each in an order that depends on `count` alone. A number: a float or a Bf16.
template <int R, int N, class Number, class Put>
void dots(const Number* rows, int64_t step, const float* x, int64_t count, Put&& out) {
  Lanes sums[R][N] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
#pragma GCC unroll 3
    for (int n = 0; n < N; ++n) {
      const Lanes values = load_lanes(x + n * count + i);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) sums[r][n] += load_lanes(rows + r * step + i) * values;
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int n = 0; n < N; ++n) {
      out(r, n) = total(sums[r][n], rows + r * step + i, x + n * count + i, count - i);
    }
  }
}

}  // namespace hdecomp::cpu
