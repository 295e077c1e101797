/// What the CUDA ops share: a GPU's stream, its library handles, and the memory that ops work in.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kernels/core/context.h"
#include "kernels/core/cuda_check.h"
#include "kernels/core/cuda_handle.h"
#include "kernels/core/kept_beside.h"
#include "kernels/core/tensor.h"

namespace hdecomp {
namespace cuda {

/// Device memory that one op at a time uses while it runs, in stream order. Planning reserves,
/// running takes; it grows and never shrinks. What it outgrows lives on with the recordings that
/// use it.
class Arena {
 public:
  explicit Arena(Context::Cuda& owner) : owner_(owner) {}

  /// Makes room, waiting for the stream if memory must be had for it. Throws Error if that happens
  /// while the stream records: what is recorded must have run, or been planned, before.
  void reserve(int64_t bytes);
  /// `bytes` bytes, 256-byte aligned, uninitialised; the next taker gets the same.
  void* take(int64_t bytes) {
    reserve(bytes);
    return memory_.get();
  }
  /// What ops work in now, for a recording of them to keep; null before the first reserve().
  const std::shared_ptr<void>& memory() const { return memory_; }

 private:
  Context::Cuda& owner_;
  std::shared_ptr<void> memory_;
  int64_t bytes_ = 0;
};

/// The 16-bit copy of a float32 array; see kernels/product/half_cuda.h.
struct NarrowCopy {
  int64_t elements = 0;
  Buffer memory;
};

/// The convolution algorithm that was chosen for some extents; see kernels/conv/conv_cuda.cpp.
struct ConvChoice {
  int algorithm = 0;
  cudnnMathType_t math = CUDNN_FMA_MATH;
  int64_t workspace = 0;
};
using ConvKey = std::array<int64_t, 16>;

}  // namespace cuda

/// One GPU's handles. The stream waits for no other; all ops of the context go to it, and only
/// large results take another one to the host, beside the ops that follow (copy_aside).
struct Context::Cuda {
  explicit Cuda(int index);
  ~Cuda();
  Cuda(const Cuda&) = delete;
  Cuda& operator=(const Cuda&) = delete;

  int index() const { return index_; }
  /// "cuda:0"
  std::string name() const { return to_string(device()); }
  Device device() const { return {DeviceKind::cuda, index_}; }
  int multiprocessors() const { return multiprocessors_; }

  /// Each makes the GPU the calling thread's current one first, as kernel launches and library
  /// calls want it: contexts of several GPUs may be used in turn.
  cudaStream_t stream() const { return activate(), stream_.get(); }
  cudaStream_t copy_stream() const { return activate(), copy_stream_.get(); }
  cublasHandle_t blas() const { return activate(), blas_.get(); }
  cudnnHandle_t dnn() const { return activate(), dnn_.get(); }

  /// For an op's own use: partial sums, columns, cuDNN's workspace.
  cuda::Arena scratch{*this};
  /// Factors of a product in 16 bits; cuda_gemm.cpp's alone, since its callers use `scratch`.
  cuda::Arena factors{*this};
  KeptBeside<cuda::NarrowCopy> narrow_copies;
  std::map<cuda::ConvKey, cuda::ConvChoice> conv_choices;

  bool recording = false;  // the stream is being captured: take no memory, wait for nothing

 private:
  void activate() const { HDECOMP_CHECK(cudaSetDevice(index_)); }

  int index_;
  int multiprocessors_ = 0;
  cuda::Owned<cudaStream_t, cudaStreamDestroy> stream_, copy_stream_;
  Buffer blas_workspace_;
  cuda::Owned<cublasHandle_t, cublasDestroy> blas_;
  cuda::Owned<cudnnHandle_t, cudnnDestroy> dnn_;
};

}  // namespace hdecomp
