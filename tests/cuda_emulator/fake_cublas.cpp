/// The fake cuBLAS: its checks, and the product.
#include <algorithm>

#include "cublas_v2.h"
#include "cuda_emulator.h"
#include "fake_product.h"

struct cublasContext {
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;
};

namespace emulator {
namespace {

/// One matrix argument, column-major.
struct Matrix {
  const void* data;
  Element type;
  int64_t rows, columns, leading;

  bool fits() const { return data != nullptr && leading >= std::max<int64_t>(1, rows); }
  bool on_device() const {
    const auto elements = static_cast<size_t>((columns - 1) * leading + rows);
    return is_device_memory(data, elements * element_bytes(type));
  }
  float at(int64_t row, int64_t column) const {
    return read_element(data, type, column * leading + row);
  }
};

/// Whether cuBLAS multiplies such factors to floats in that way, and as what they are read.
bool element_of(cudaDataType factor, cublasComputeType_t compute, Element& element) {
  const bool plain = compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_PEDANTIC;
  if (factor == CUDA_R_16F) return element = Element::fp16, plain;
  if (factor == CUDA_R_16BF) return element = Element::bf16, plain;
  element = compute == CUBLAS_COMPUTE_32F_FAST_TF32 ? Element::tf32 : Element::float32;
  return factor == CUDA_R_32F && (plain || element == Element::tf32);
}

struct Product {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  float alpha, beta;
  Matrix a, b, c;

  void run() const {
    auto* out = static_cast<float*>(const_cast<void*>(c.data));
    multiply(
        n, m, k,  // columns of C are its rows in memory
        [&](int64_t j, int64_t l) { return transpose_b ? b.at(j, l) : b.at(l, j); },
        [&](int64_t l, int64_t i) { return transpose_a ? a.at(l, i) : a.at(i, l); },
        [&](int64_t j, int64_t i, double sum) {
          float& to = out[j * c.leading + i];
          const double kept = beta == 0 ? 0 : double{beta} * to;
          to = static_cast<float>(alpha * sum + kept);
        });
  }
};

}  // namespace
}  // namespace emulator

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "CUBLAS_STATUS_UNKNOWN";
}
const char* cublasGetStatusString(cublasStatus_t) { return "the fake cuBLAS refuses this call"; }

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = {stream, nullptr};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, size_t bytes) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  const bool aligned = reinterpret_cast<uintptr_t>(workspace) % 256 == 0;
  if (!aligned || !emulator::is_device_memory(workspace, bytes)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  handle->workspace = workspace;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx_64(cublasHandle_t handle, cublasOperation_t op_a,
                               cublasOperation_t op_b, int64_t m, int64_t n, int64_t k,
                               const void* alpha, const void* a, cudaDataType a_type, int64_t lda,
                               const void* b, cudaDataType b_type, int64_t ldb, const void* beta,
                               void* c, cudaDataType c_type, int64_t ldc,
                               cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
  using emulator::Element;
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (m < 0 || n < 0 || k < 0) return CUBLAS_STATUS_INVALID_VALUE;
  if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
  Element factors{};
  if (a_type != b_type || c_type != CUDA_R_32F || algorithm != CUBLAS_GEMM_DEFAULT ||
      !emulator::element_of(a_type, compute, factors)) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  const bool ta = op_a == CUBLAS_OP_T, tb = op_b == CUBLAS_OP_T;
  const emulator::Product product{ta,
                                  tb,
                                  m,
                                  n,
                                  k,
                                  *static_cast<const float*>(alpha),
                                  *static_cast<const float*>(beta),
                                  {a, factors, ta ? k : m, ta ? m : k, lda},
                                  {b, factors, tb ? n : k, tb ? k : n, ldb},
                                  {c, Element::float32, m, n, ldc}};
  if (!product.a.fits() || !product.b.fits() || !product.c.fits()) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (emulator::capturing(handle->stream) && handle->workspace == nullptr) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  if (!product.a.on_device() || !product.b.on_device() || !product.c.on_device()) {
    emulator::report_fault("cublasGemmEx_64: a matrix is not in device memory");
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  const cudaError_t status = emulator::submit(handle->stream, [product] { product.run(); });
  return status == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

cublasStatus_t cublasGemmStridedBatchedEx_64(
    cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int64_t m, int64_t n,
    int64_t k, const void* alpha, const void* a, cudaDataType a_type, int64_t lda,
    long long stride_a, const void* b, cudaDataType b_type, int64_t ldb, long long stride_b,
    const void* beta, void* c, cudaDataType c_type, int64_t ldc, long long stride_c, int64_t count,
    cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
  if (a_type != CUDA_R_32F || b_type != CUDA_R_32F) return CUBLAS_STATUS_NOT_SUPPORTED;
  for (int64_t i = 0; i < count; ++i) {
    const cublasStatus_t status = cublasGemmEx_64(
        handle, op_a, op_b, m, n, k, alpha, static_cast<const float*>(a) + i * stride_a, a_type,
        lda, static_cast<const float*>(b) + i * stride_b, b_type, ldb, beta,
        static_cast<float*>(c) + i * stride_c, c_type, ldc, compute, algorithm);
    if (status != CUBLAS_STATUS_SUCCESS) return status;
  }
  return CUBLAS_STATUS_SUCCESS;
}
