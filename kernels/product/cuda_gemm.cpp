/// The matrix product on cuBLAS, which counts in columns: C^T = op(B)^T op(A)^T is the same memory.
#include "kernels/product/cuda_gemm.h"

#include "kernels/core/context_cuda.h"
#include "kernels/product/half_cuda.h"

namespace hdecomp::cuda {
namespace {

/// A factor as cuBLAS is to read it.
struct Operand {
  const void* data;
  int64_t stride;
  cublasOperation_t op;
};

/// How the products of a precision are computed. The pedantic mode rules out every detour that an
/// environment variable could turn on, emulation by tensor cores among them.
struct Arithmetic {
  cudaDataType_t factors;
  cublasComputeType_t sums;
};
Arithmetic arithmetic_of(Precision precision) {
  switch (precision) {
    case Precision::float32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC};
    case Precision::tf32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case Precision::bf16:
      return {CUDA_R_16BF, CUBLAS_COMPUTE_32F};
    case Precision::fp16:
      return {CUDA_R_16F, CUBLAS_COMPUTE_32F};
  }
  throw Error("gemm: unknown precision");
}

// A 16-bit copy made for one product has rows that begin at 16 bytes, as tensor cores want them.
int64_t packed_stride(int64_t columns) { return (columns + 7) / 8 * 8; }
int64_t packed_bytes(int64_t rows, int64_t columns) {
  return (rows * packed_stride(columns) * 2 + 255) / 256 * 256;
}

/// A factor as it is stored: `rows` by `columns`.
struct Stored {
  const Factor& factor;
  int64_t rows, columns;

  Stored(const Factor& given, int64_t op_rows, int64_t op_columns)
      : factor(given),
        rows(given.transposed ? op_columns : op_rows),
        columns(given.transposed ? op_rows : op_columns) {
    if (given.stride < columns) {
      throw Error(joined("gemm: rows of ", columns, " elements lie ", given.stride, " apart"));
    }
  }
  int64_t elements() const { return (rows - 1) * factor.stride + columns; }
};

class Narrower {
 public:
  Narrower(const Context& context, const Stored& a, const Stored& b) : context_(context) {
    kept_a_ = find_narrow(context, a.factor.data, a.elements());
    kept_b_ = find_narrow(context, b.factor.data, b.elements());
    const int64_t bytes_a = kept_a_ ? 0 : packed_bytes(a.rows, a.columns);
    const int64_t bytes_b = kept_b_ ? 0 : packed_bytes(b.rows, b.columns);
    auto* memory = static_cast<char*>(context.cuda().factors.take(bytes_a + bytes_b));
    made_a_ = reinterpret_cast<uint16_t*>(memory);
    made_b_ = reinterpret_cast<uint16_t*>(memory + bytes_a);
  }
  Operand a(const Stored& a) const { return operand(a, kept_a_, made_a_); }
  Operand b(const Stored& b) const { return operand(b, kept_b_, made_b_); }

 private:
  Operand operand(const Stored& stored, const uint16_t* kept, uint16_t* made) const {
    const Factor& factor = stored.factor;
    const cublasOperation_t op = factor.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    if (kept) return {kept, factor.stride, op};
    const int64_t stride = packed_stride(stored.columns);
    narrow(context_, factor.data, factor.stride, stored.rows, stored.columns, made, stride);
    return {made, stride, op};
  }

  const Context& context_;
  const uint16_t *kept_a_, *kept_b_;
  uint16_t *made_a_, *made_b_;
};

Operand as_it_is(const Factor& factor) {
  return {factor.data, factor.stride, factor.transposed ? CUBLAS_OP_T : CUBLAS_OP_N};
}

void require_extents(int64_t m, int64_t n, int64_t k, int64_t c_stride) {
  if (m >= 1 && n >= 1 && k >= 1 && c_stride >= n) return;
  throw Error(
      joined("gemm: m = ", m, ", n = ", n, ", k = ", k, ", rows of C ", c_stride, " apart"));
}

}  // namespace

void reserve_factor(const Context& context, int64_t rows, int64_t columns) {
  if (is_narrow(context.precision())) context.cuda().factors.reserve(packed_bytes(rows, columns));
}

void gemm(const Context& context, int64_t m, int64_t n, int64_t k, const Factor& a, const Factor& b,
          float beta, float* c, int64_t c_stride) {
  require_extents(m, n, k, c_stride);
  const Stored stored_a(a, m, k), stored_b(b, k, n);
  Operand left = as_it_is(a), right = as_it_is(b);
  if (is_narrow(context.precision())) {
    const Narrower narrower(context, stored_a, stored_b);
    left = narrower.a(stored_a), right = narrower.b(stored_b);
  }
  const Arithmetic arithmetic = arithmetic_of(context.precision());
  const float one = 1;
  HDECOMP_CHECK(cublasGemmEx_64(context.cuda().blas(), right.op, left.op, n, m, k, &one, right.data,
                                arithmetic.factors, right.stride, left.data, arithmetic.factors,
                                left.stride, &beta, c, CUDA_R_32F, c_stride, arithmetic.sums,
                                CUBLAS_GEMM_DEFAULT));
}

void gemm_each(const Context& context, const Repeat& repeat, int64_t m, int64_t n, int64_t k,
               const Factor& a, const Factor& b, float* c, int64_t c_stride) {
  require_extents(m, n, k, c_stride);
  if (is_narrow(context.precision())) throw Error("gemm_each: in float32 and tf32 alone");
  (void)Stored(a, m, k), (void)Stored(b, k, n);  // their checks
  const Operand left = as_it_is(a), right = as_it_is(b);
  const Arithmetic arithmetic = arithmetic_of(context.precision());
  const float one = 1, zero = 0;
  HDECOMP_CHECK(cublasGemmStridedBatchedEx_64(
      context.cuda().blas(), right.op, left.op, n, m, k, &one, right.data, arithmetic.factors,
      right.stride, repeat.b_step, left.data, arithmetic.factors, left.stride, repeat.a_step, &zero,
      c, CUDA_R_32F, c_stride, repeat.c_step, repeat.count, arithmetic.sums, CUBLAS_GEMM_DEFAULT));
}

}  // namespace hdecomp::cuda
