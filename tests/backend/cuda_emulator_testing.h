/// What the tests of the CUDA emulator share: memory and streams, fixtures that let nothing be left
/// behind, and kernels that several of them run.
#pragma once

#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "cuda_emulator.h"
#include "kernels/core/cuda_launch.h"
#include "kernels/core/cuda_shared.h"

namespace hdecomp::emulator_testing {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr unsigned int kAllLanes = 0xffffffffu;

/// Device memory with the elements of a vector.
template <class T>
class DeviceVector {
 public:
  explicit DeviceVector(const std::vector<T>& values) : size_(values.size()) {
    EXPECT_EQ(cudaMalloc(&data_, size_ * sizeof(T)), cudaSuccess);
    set(values);
  }
  ~DeviceVector() { cudaFree(data_); }
  DeviceVector(const DeviceVector&) = delete;
  DeviceVector& operator=(const DeviceVector&) = delete;

  T* get() { return data_; }
  void set(const std::vector<T>& values) {
    EXPECT_EQ(cudaMemcpy(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice),
              cudaSuccess);
  }
  std::vector<T> values() const {
    std::vector<T> copy(size_);
    EXPECT_EQ(cudaMemcpy(copy.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost),
              cudaSuccess);
    return copy;
  }

 private:
  size_t size_;
  T* data_ = nullptr;
};

class Stream {
 public:
  Stream() { EXPECT_EQ(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), cudaSuccess); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

inline std::vector<float> counting(int n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

/// Every test must leave no fault, no memory and no handle behind.
class CudaEmulator : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_THAT(emulator::faults(), ElementsAre());
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    EXPECT_EQ(emulator::allocated_bytes(), 0u);
    EXPECT_EQ(emulator::allocated_host_bytes(), 0u);
    EXPECT_EQ(emulator::live_handles(), 0u);
    emulator::clear_faults();
  }
};

/// Launches a kernel that must be found faulty: exactly one fault, which has these words in it.
class CudaEmulatorFault : public CudaEmulator {
 protected:
  template <class... Params, class... Args>
  void expect_fault(void (*kernel)(Params...), const Grid& grid, const char* kernel_name,
                    const char* words, Args... args) {
    const Stream stream;
    launch(stream, kernel_name, kernel, grid, args...);
    ASSERT_EQ(emulator::faults().size(), 1u);
    EXPECT_THAT(emulator::faults()[0], HasSubstr(kernel_name));
    EXPECT_THAT(emulator::faults()[0], HasSubstr(words));
    EXPECT_THROW(launch(stream, kernel_name, kernel, grid, args...), Error);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    emulator::clear_faults();
  }
};

// (n), (n) -> (n)
inline __global__ void add_vectors(const float* a, const float* b, int64_t n, float* sums) {
  for (int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * blockDim.x) {
    sums[i] = __ldg(a + i) + b[i];
  }
}

// (blocks, 256) -> (blocks)
inline __global__ void __launch_bounds__(256) sum_blocks(const float* values, float* sums) {
  __shared__ SharedArray<float, 256> partial;
  partial[threadIdx.x] = values[blockIdx.x * 256 + threadIdx.x];
  __syncthreads();
  for (unsigned int step = partial.size() / 2; step > 0; step /= 2) {
    if (threadIdx.x < step) partial[threadIdx.x] += partial[threadIdx.x + step];
    __syncthreads();
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = partial[0];
}

// lanes of a warp hand numbers on through shared memory
inline __global__ void pass_in_warp(int* out, bool wait) {
  __shared__ SharedArray<int, 64> slots;
  slots[threadIdx.x] = threadIdx.x;
  if (wait) __syncwarp();
  out[threadIdx.x] = slots[threadIdx.x ^ 1];
}

// every thread of a block writes the same element: a race
inline __global__ void write_together() {
  __shared__ SharedArray<float, 1> values;
  values[0] = 1.0f;
}

inline __global__ void nothing() {}

/// CUDA's answer to a launch of this size.
template <class Kernel>
cudaError_t launch_status(Kernel kernel, dim3 blocks, dim3 threads, size_t shared_bytes = 0) {
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.dynamicSmemBytes = shared_bytes;
  const cudaError_t status = cudaLaunchKernelEx(&config, kernel);
  EXPECT_EQ(cudaGetLastError(), status);
  return status;
}

}  // namespace hdecomp::emulator_testing
