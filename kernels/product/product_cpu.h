/// Matrix products on one thread each, many at a time.
#pragma once

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {

/// A factor: its element (row, column) lies at row * step + column, turned at column * step + row.
struct Factor {
  const float* data;
  int64_t step;
  bool turned = false;
};

/// Of C (rows, columns) = A (rows, depth) B (depth, columns).
struct ProductSize {
  int64_t rows, columns, depth;
};

/// C = A B, or C += A B, C's rows `step` apart. Each number is a chain of sums in the order of the
/// depth for each stretch of it, and a chain of these, so that its bits hang on no other row or
/// column. `packing`: as for_each_product has it.
void multiply(const ProductSize& size, const Factor& a, const Factor& b, bool add, float* c,
              int64_t step, float* packing);

/// Of what a product's factors are packed into.
int64_t packing_floats();

/// Calls body(i, packing) for i in [0, n) in parallel, each with its thread's packing.
template <class Body>
void for_each_product(const Context& context, int64_t n, Body&& body) {
  const int64_t floats = packing_floats();
  context.cpu().reserve_packing(context.threads() * floats * static_cast<int64_t>(sizeof(float)));
  auto* all = reinterpret_cast<float*>(context.cpu().packing());
  parallel_for(context, n, [&](int64_t i) { body(i, all + omp_get_thread_num() * floats); });
}

}  // namespace hdecomp::cpu
