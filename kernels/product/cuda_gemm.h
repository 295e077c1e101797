/// The one matrix product of the CUDA ops, row-major, in the context's precision.
#pragma once

#include <cstdint>

#include "kernels/core/context.h"

namespace hdecomp::cuda {

/// A factor of a product in device memory: rows lie `stride` floats apart. As stored, or
/// transposed.
struct Factor {
  const float* data = nullptr;
  int64_t stride = 0;
  bool transposed = false;
};

/// C (m x n, rows `c_stride` apart) = beta C + op(A) op(B), where op(A) is m x k and op(B) k x n. C
/// is not read if beta is 0. The same bits for the same extents, every time.
///
/// float32: products and sums in float32, no tensor cores. tf32: the factors' mantissas rounded to
/// 10 bits as they are read. bf16, fp16: both factors rounded to that type, taken from their kept
/// copies (keep_narrow in half_cuda.h) or else made anew for each product; sums in float32.
void gemm(const Context& context, int64_t m, int64_t n, int64_t k, const Factor& a, const Factor& b,
          float beta, float* c, int64_t c_stride);

/// So many products of the same extents; a factor, or C, lies `..._step` floats behind the one
/// before.
struct Repeat {
  int64_t count, a_step, b_step, c_step;
};
/// C = op(A) op(B) for each, in float32 or tf32.
void gemm_each(const Context& context, const Repeat& repeat, int64_t m, int64_t n, int64_t k,
               const Factor& a, const Factor& b, float* c, int64_t c_stride);

/// Makes room for a product's factor of `rows` by `columns`, as stored, that has no kept copy: to
/// be called when an op that multiplies is planned, so that running it takes no memory.
void reserve_factor(const Context& context, int64_t rows, int64_t columns);

}  // namespace hdecomp::cuda
