/// The CUDA emulator: right kernels give the right numbers, and each kind of wrong one is found.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cuda_emulator.h"
#include "kernels/core/cuda_launch.h"
#include "kernels/core/cuda_shared.h"

namespace hdecomp {
namespace {

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

std::vector<float> counting(int n) {
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
__global__ void add_vectors(const float* a, const float* b, int64_t n, float* sums) {
  for (int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * blockDim.x) {
    sums[i] = __ldg(a + i) + b[i];
  }
}

TEST_F(CudaEmulator, AddsVectorsOfOddSizes) {
  for (const int n : {1, 31, 33, 257}) {
    DeviceVector<float> a(counting(n)), b(counting(n)), sums(std::vector<float>(n, -1.0f));
    launch(nullptr, "add_vectors", add_vectors, {blocks_for(n, 32), 32}, a.get(), b.get(), n,
           sums.get());
    for (int i = 0; i < n; ++i) EXPECT_EQ(sums.values()[i], 2.0f * (i + 1));
  }
}

TEST_F(CudaEmulator, AGridStrideCoversWhatTheBlocksDoNot) {
  DeviceVector<float> a(counting(100)), sums(std::vector<float>(100));
  launch(nullptr, "add_vectors", add_vectors, {2, 8}, a.get(), a.get(), 100, sums.get());
  EXPECT_EQ(sums.values()[99], 200.0f);
  EXPECT_EQ(blocks_for(0, 32), 0u);
  EXPECT_EQ(blocks_for(33, 32), 2u);
  EXPECT_EQ(blocks_for(int64_t{1} << 40, 256), 65535u);
}

TEST_F(CudaEmulator, AnEmptyGridLaunchesNothing) {
  const size_t before = emulator::kernels_run();
  launch(nullptr, "add_vectors", add_vectors, {blocks_for(0, 32), 32}, nullptr, nullptr, 0,
         nullptr);
  EXPECT_EQ(emulator::kernels_run(), before);
}

// (blocks, 256) -> (blocks)
__global__ void __launch_bounds__(256) sum_blocks(const float* values, float* sums) {
  __shared__ SharedArray<float, 256> partial;
  partial[threadIdx.x] = values[blockIdx.x * 256 + threadIdx.x];
  __syncthreads();
  for (unsigned int step = partial.size() / 2; step > 0; step /= 2) {
    if (threadIdx.x < step) partial[threadIdx.x] += partial[threadIdx.x + step];
    __syncthreads();
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = partial[0];
}

TEST_F(CudaEmulator, ReducesBlocksThroughSharedMemory) {
  DeviceVector<float> values(counting(512)), sums({0.0f, 0.0f});
  launch(nullptr, "sum_blocks", sum_blocks, {2, 256}, values.get(), sums.get());
  EXPECT_THAT(sums.values(), ElementsAre(32896.0f, 98432.0f));
}

template <class T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
  return value;
}

template <class T>
__global__ void sum_warps(const T* values, T* sums) {
  sums[threadIdx.x] = warp_sum(values[threadIdx.x]);
}

template <class T>
void expect_warp_sums() {
  std::vector<T> numbers(64);
  std::iota(numbers.begin(), numbers.end(), T(1) << (sizeof(T) == 8 ? 20 : 0));
  DeviceVector<T> values(numbers), sums(std::vector<T>(64));
  launch(nullptr, "sum_warps", sum_warps<T>, {1, 64}, values.get(), sums.get());
  const std::vector<T> result = sums.values();
  for (int warp = 0; warp < 2; ++warp) {
    const auto first = numbers.begin() + warp * 32;
    EXPECT_EQ(result[warp * 32 + 7], std::accumulate(first, first + 32, T(0)));
  }
}

TEST_F(CudaEmulator, ReducesWarpsByShuffles) {
  expect_warp_sums<int>();
  expect_warp_sums<unsigned int>();
  expect_warp_sums<long long>();
}

// (4, 32): up, down, broadcast in groups of 8, xor beyond the group
__global__ void shuffle_kinds(int* out) {
  const int lane = threadIdx.x;
  out[lane] = __shfl_up_sync(kAllLanes, lane, 3);
  out[32 + lane] = __shfl_down_sync(kAllLanes, lane, 3, 16);
  out[64 + lane] = __shfl_sync(kAllLanes, lane, 10, 8);
  out[96 + lane] = __float2int_rn(__shfl_xor_sync(kAllLanes, static_cast<float>(lane), 8, 8));
}

TEST_F(CudaEmulator, ShufflesKeepTheirOwnValueAtTheEdges) {
  DeviceVector<int> out(std::vector<int>(128));
  launch(nullptr, "shuffle_kinds", shuffle_kinds, {1, 32}, out.get());
  const std::vector<int> got = out.values();
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(got[lane], lane < 3 ? lane : lane - 3);
    EXPECT_EQ(got[32 + lane], lane % 16 < 13 ? lane + 3 : lane);
    EXPECT_EQ(got[64 + lane], lane / 8 * 8 + 2);
    EXPECT_EQ(got[96 + lane], lane % 16 < 8 ? lane : lane - 8);
  }
}

// (2, threads)
__global__ void vote(unsigned int* odd, int* all_small) {
  const unsigned int mask = __ballot_sync(kAllLanes, threadIdx.x < blockDim.x);
  odd[threadIdx.x] = __ballot_sync(mask, threadIdx.x % 2);
  all_small[threadIdx.x] =
      __all_sync(mask, threadIdx.x < 32) + 2 * __any_sync(mask, threadIdx.x > 38);
}

TEST_F(CudaEmulator, VotesInAPartialWarpCountOnlyItsLanes) {
  DeviceVector<unsigned int> odd(std::vector<unsigned int>(40));
  DeviceVector<int> all_small(std::vector<int>(40));
  launch(nullptr, "vote", vote, {1, 40}, odd.get(), all_small.get());
  EXPECT_EQ(odd.values()[0], 0xaaaaaaaau);
  EXPECT_EQ(odd.values()[39], 0xaau);
  EXPECT_EQ(all_small.values()[0], 1);
  EXPECT_EQ(all_small.values()[32], 2);
}

// (rows, columns) -> (columns, rows)
__global__ void transpose(const float* in, int rows, int columns, float* out) {
  __shared__ SharedArray<float, 8 * 9> tile;
  const int column = blockIdx.x * 8 + threadIdx.x;
  const int row = blockIdx.y * 8 + threadIdx.y;
  if (row < rows && column < columns)
    tile[threadIdx.y * 9 + threadIdx.x] = in[row * columns + column];
  __syncthreads();
  const int out_row = blockIdx.x * 8 + threadIdx.y;
  const int out_column = blockIdx.y * 8 + threadIdx.x;
  if (out_row < columns && out_column < rows) {
    out[out_row * rows + out_column] = tile[threadIdx.x * 9 + threadIdx.y];
  }
}

TEST_F(CudaEmulator, TransposesWithTwoDimensionalBlocks) {
  const int rows = 13, columns = 21;
  DeviceVector<float> in(counting(rows * columns)), out(std::vector<float>(rows * columns));
  launch(nullptr, "transpose", transpose, {dim3(3, 2), dim3(8, 8)}, in.get(), rows, columns,
         out.get());
  for (int i = 0; i < rows * columns; ++i) {
    EXPECT_EQ(out.values()[i], i % rows * columns + i / rows + 1);
  }
}

// (n) reversed; the floats lie behind n ints
__global__ void reverse(float* values, int n) {
  auto keys = dynamic_shared<int>();
  auto kept = dynamic_shared<float>(n * sizeof(int));
  auto vectors = dynamic_shared<float4>(n * sizeof(int));
  keys[threadIdx.x] = n - 1 - static_cast<int>(threadIdx.x);
  kept[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  const int key = keys[threadIdx.x];
  const float4 four = vectors[key / 4];
  const float lanes[4] = {four.x, four.y, four.z, four.w};
  values[threadIdx.x] = lanes[key % 4] + 0 * (kept + key)[0];
}

TEST_F(CudaEmulator, DynamicSharedMemoryHoldsSeveralTypes) {
  DeviceVector<float> values(counting(128));
  launch(nullptr, "reverse", reverse, {1, 128, 128 * 8}, values.get(), 128);
  EXPECT_EQ(values.values()[0], 128.0f);
  EXPECT_EQ(values.values()[127], 1.0f);
}

__constant__ float taps[3];

__global__ void filter(const float* in, float* out) {
  const float* at = in + threadIdx.x;
  out[threadIdx.x] = __fmaf_rn(taps[0], at[0], __fmaf_rn(taps[1], at[1], taps[2] * at[2]));
}

TEST_F(CudaEmulator, ConstantMemoryIsSetByTheHost) {
  const float weights[3] = {1.0f, 10.0f, 100.0f};
  ASSERT_EQ(cudaMemcpyToSymbol(taps, weights, sizeof(weights)), cudaSuccess);
  DeviceVector<float> in(counting(4)), out({0.0f, 0.0f});
  launch(nullptr, "filter", filter, {1, 2}, in.get(), out.get());
  EXPECT_THAT(out.values(), ElementsAre(321.0f, 432.0f));
}

// (n) -> (4), shared counts first, then global ones
__global__ void histogram(const int* values, int n, int* counts, int* largest) {
  __shared__ SharedArray<int, 4> own;
  if (threadIdx.x < 4) own[threadIdx.x] = 0;
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    atomicAdd(&own[values[i] % 4], 1);
    atomicMax(largest, values[i]);
  }
  __syncthreads();
  if (threadIdx.x < 4) atomicAdd(counts + threadIdx.x, own[threadIdx.x]);
}

TEST_F(CudaEmulator, CountsAHistogramByIntegerAtomics) {
  std::vector<int> numbers(103);
  std::iota(numbers.begin(), numbers.end(), 0);
  DeviceVector<int> values(numbers), counts({0, 0, 0, 0}), largest({-1});
  launch(nullptr, "histogram", histogram, {2, 64}, values.get(), 103, counts.get(), largest.get());
  EXPECT_THAT(counts.values(), ElementsAre(26, 26, 26, 25));
  EXPECT_THAT(largest.values(), ElementsAre(102));
}

// lanes of a warp hand numbers on through shared memory
__global__ void pass_in_warp(int* out, bool wait) {
  __shared__ SharedArray<int, 64> slots;
  slots[threadIdx.x] = threadIdx.x;
  if (wait) __syncwarp();
  out[threadIdx.x] = slots[threadIdx.x ^ 1];
}

TEST_F(CudaEmulator, SyncwarpOrdersTheLanesOfAWarp) {
  DeviceVector<int> out(std::vector<int>(40));
  launch(nullptr, "pass_in_warp", pass_in_warp, {1, 40}, out.get(), true);
  EXPECT_EQ(out.values()[38], 39);
}

__global__ void four_at_a_time(float* out) {
  __shared__ SharedArray<float, 16> values;
  if (threadIdx.x < 4) values.store4(threadIdx.x * 4, make_float4(threadIdx.x, 1, 2, 3));
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
  if (threadIdx.x == 0) out[1] = values.load4(12).x;
}

TEST_F(CudaEmulator, SharedArraysAreReadInVectorsOfFour) {
  DeviceVector<float> out(std::vector<float>(16));
  launch(nullptr, "four_at_a_time", four_at_a_time, {1, 16}, out.get());
  EXPECT_EQ(out.values()[8], 2.0f);
  EXPECT_EQ(out.values()[15], 3.0f);
}

// elements as numbers in expressions
__global__ void compute_with_elements(float* out) {
  __shared__ SharedArray<float, 2> a;
  __shared__ SharedArray<int, 2> b;
  a[0] = a[1] = 2.0f;
  a[1] *= 3.0f;
  b[0] = 5;
  b[1] = b[0]++;
  out[0] = max(a[0], a[1]) + a[0] * a[1] - fminf(a[0], 1.0f);  // 6 + 12 - 1
  out[1] = b[0] > b[1] ? a[0] : 0.0f;
  out[2] = -a[0] + static_cast<float>(b[0] % 4) + min(b[0], 3);  // -2 + 2 + 3
  a[0] = a[1];
  out[3] = a[0] == a[1];
}

TEST_F(CudaEmulator, SharedElementsAreUsedLikeNumbers) {
  DeviceVector<float> out(std::vector<float>(4));
  launch(nullptr, "compute_with_elements", compute_with_elements, {1, 1}, out.get());
  EXPECT_THAT(out.values(), ElementsAre(17.0f, 2.0f, 3.0f, 1.0f));
}

// ---- faults ----

__global__ void outside(int index) {
  __shared__ SharedArray<float, 8> values;
  values[index] = 1.0f;
}

TEST_F(CudaEmulatorFault, AnIndexOutsideASharedArray) {
  expect_fault(outside, {2, 1}, "outside", "index 8 of a shared array of 8", 8);
  expect_fault(outside, {2, 1}, "outside", "block (0, 0, 0), thread (0, 0, 0)", -1);
}

__global__ void outside_dynamic() { dynamic_shared<float>()[4] = 1.0f; }

TEST_F(CudaEmulatorFault, AnIndexOutsideDynamicSharedMemory) {
  expect_fault(outside_dynamic, {1, 1, 16}, "outside_dynamic", "index 4 of a shared array of 4");
}

__global__ void no_barrier(float* out) {
  __shared__ SharedArray<float, 64> values;
  values[threadIdx.x] = 1.0f;
  out[threadIdx.x] = values[63 - threadIdx.x];
  __syncthreads();
}

TEST_F(CudaEmulatorFault, AMissingBarrier) {
  DeviceVector<float> out(std::vector<float>(64));
  // The threads before it found memory that nobody had written yet.
  expect_fault(no_barrier, {1, 64}, "no_barrier", "has not written", out.get());
  DeviceVector<int> lanes(std::vector<int>(64));
  expect_fault(pass_in_warp, {1, 64}, "pass_in_warp", "has not written", lanes.get(), false);
}

__global__ void read_neighbour(float* out) {
  __shared__ SharedArray<float, 64> values;
  values[threadIdx.x] = 1.0f;
  if (threadIdx.x > 0) out[threadIdx.x] = values[threadIdx.x - 1];
}

__global__ void write_neighbour(bool wait) {
  __shared__ SharedArray<float, 65> values;
  values[threadIdx.x] = 1.0f;
  __syncthreads();
  const float own = values[threadIdx.x];
  if (wait) __syncwarp();  // orders the lanes of a warp, not those of two warps
  values[threadIdx.x + 1] = own;
}

__global__ void order_by_shuffle(float* out) {
  __shared__ SharedArray<float, 32> values;
  if (threadIdx.x == 1) values[0] = 1.0f;
  __shfl_sync(kAllLanes, 0, 0);  // hands on numbers, but does not order memory
  out[threadIdx.x] = values[0];
}

__global__ void write_together() {
  __shared__ SharedArray<float, 1> values;
  values[0] = 1.0f;
}

TEST_F(CudaEmulatorFault, ARaceInSharedMemory) {
  DeviceVector<float> out(std::vector<float>(64));
  expect_fault(read_neighbour, {1, 64}, "read_neighbour", "reads after a write by thread (0, 0, 0)",
               out.get());
  expect_fault(write_neighbour, {1, 64}, "write_neighbour", "thread (1, 0, 0)", false);
  expect_fault(write_neighbour, {1, 64}, "write_neighbour", "thread (32, 0, 0)", true);
  expect_fault(order_by_shuffle, {1, 32}, "order_by_shuffle",
               "reads after a write by thread (1, 0, 0)", out.get());
  expect_fault(write_together, {1, 2}, "write_together", "writes after a write");
}

__global__ void two_barriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void barrier_and_shuffle(int* out) {
  if (threadIdx.x == 5) {
    __syncthreads();
  } else {
    out[threadIdx.x] = __shfl_sync(kAllLanes, 1, 0);
  }
}

TEST_F(CudaEmulatorFault, ABarrierThatNotAllReach) {
  DeviceVector<int> out(std::vector<int>(32));
  expect_fault(two_barriers, {1, 64}, "two_barriers", "different barriers");
  expect_fault(barrier_and_shuffle, {1, 32}, "barrier_and_shuffle", "1 from thread (5, 0, 0) on",
               out.get());
}

__global__ void shuffle_with_returned(int* out, unsigned int mask, int from) {
  if (threadIdx.x == 3) return;
  if (threadIdx.x >= 4) out[threadIdx.x] = __shfl_sync(mask, 1, from);
}

TEST_F(CudaEmulatorFault, AShuffleWithALaneThatIsNotThere) {
  DeviceVector<int> out(std::vector<int>(20));
  const auto expect = [&](const char* words, unsigned int mask, int from) {
    expect_fault(shuffle_with_returned, {1, 20}, "shuffle_with_returned", words, out.get(), mask,
                 from);
  };
  expect("names lane 0, which has returned", kAllLanes, 4);
  expect("does not name the calling lane 4", 0xffffffe0u, 5);
  expect("reads lane 3, which the mask does not name", 0xfffffff0u, 3);
  expect("reads lane 25, which the warp does not have", 0xfffffff0u, 25);
}

__global__ void never_written(float* out) {
  __shared__ SharedArray<float, 2> values;
  if (blockIdx.x == 0) values[0] = 1.0f;
  out[0] = values[0];
}

__global__ void throws() { throw std::runtime_error("device code"); }

TEST_F(CudaEmulatorFault, AnException) {
  expect_fault(throws, {1, 2}, "throws", "throws 'device code'");
}

TEST_F(CudaEmulatorFault, SharedMemoryThatTheBlockHasNotWritten) {
  DeviceVector<float> out({0.0f});
  expect_fault(never_written, {2, 1}, "never_written", "block (1, 0, 0)", out.get());
}

__global__ void nothing() {}
__global__ void nothing_else() {}

__global__ void static_and_dynamic() {
  __shared__ SharedArray<float, 1024> values;
  values[0] = 1.0f;
}

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

TEST_F(CudaEmulator, RefusesSizesThatAGpuRefuses) {
  EXPECT_EQ(launch_status(nothing, 1, 1024), cudaSuccess);
  EXPECT_EQ(launch_status(nothing, 1, 1025), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_status(nothing, 1, dim3(64, 32)), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_status(nothing, 1, dim3(1, 1, 65)), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_status(nothing, 0, 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_status(nothing, dim3(1, 65536), 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_status(nothing, dim3(1, 1, 65536), 32), cudaErrorInvalidConfiguration);
  try {
    launch(nullptr, "nothing", nothing, {dim3(1, 70000), 32});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("kernel nothing with 1x70000x1 blocks of 32x1x1"));
    EXPECT_THAT(error.what(), HasSubstr("cudaErrorInvalidConfiguration"));
  }
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST_F(CudaEmulator, MoreSharedMemoryMustBeAskedFor) {
  const auto ask = [](int bytes) {
    return cudaFuncSetAttribute(nothing_else, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  };
  EXPECT_EQ(launch_status(nothing_else, 1, 1, 48 << 10), cudaSuccess);
  EXPECT_EQ(launch_status(nothing_else, 1, 1, (48 << 10) + 1), cudaErrorInvalidValue);
  EXPECT_EQ(ask(100 << 10), cudaSuccess);
  EXPECT_EQ(launch_status(nothing_else, 1, 1, 100 << 10), cudaSuccess);
  EXPECT_EQ(launch_status(nothing_else, 1, 1, 101 << 10), cudaErrorInvalidValue);
  EXPECT_EQ(ask(228 << 10), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  for (int i = 0; i < 2; ++i) {  // at the first launch the static arrays are not known yet
    EXPECT_EQ(launch_status(static_and_dynamic, 1, 1, 45 << 10), cudaErrorInvalidValue);
    EXPECT_EQ(launch_status(static_and_dynamic, 1, 1, 44 << 10), cudaSuccess);
  }
}

TEST_F(CudaEmulatorFault, ACopyOfMoreThanThereIs) {
  DeviceVector<float> four(counting(4));
  std::vector<float> five(5);
  EXPECT_EQ(cudaMemcpy(five.data(), four.get(), 20, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(five.data(), four.get(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(emulator::faults().size(), 2u);
  emulator::clear_faults();
}

// ---- streams, captures, memory ----

TEST_F(CudaEmulator, AGraphReplaysWhatItsCaptureRecorded) {
  const Stream stream, side;
  DeviceVector<float> a({1.0f, 2.0f}), sums({0.0f, 0.0f});
  std::vector<float> out = {-1.0f, -1.0f};
  cudaEvent_t fork = nullptr, join = nullptr;
  cudaEventCreateWithFlags(&fork, cudaEventDisableTiming);
  cudaEventCreateWithFlags(&join, cudaEventDisableTiming);

  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(side, fork);
  launch(side, "add_vectors", add_vectors, {1, 32}, a.get(), a.get(), 2, sums.get());
  cudaEventRecord(join, side);
  cudaStreamWaitEvent(stream, join);
  cudaMemcpyAsync(out.data(), sums.get(), 8, cudaMemcpyDeviceToHost, stream);
  EXPECT_TRUE(emulator::capturing(stream));
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  size_t nodes = 0;
  EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &nodes), cudaSuccess);
  EXPECT_EQ(nodes, 2u);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_THAT(out, ElementsAre(-1.0f, -1.0f));  // recorded, not done

  for (const float x : {3.0f, 4.0f}) {
    a.set({x, 10 * x});
    ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_THAT(out, ElementsAre(2 * x, 20 * x));
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaEventDestroy(fork);
  cudaEventDestroy(join);
}

TEST_F(CudaEmulator, ACallThatNoCaptureAllowsBreaksIt) {
  DeviceVector<float> a({1.0f});
  const auto capture_with = [&](auto call) {
    const Stream stream;
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
    EXPECT_EQ(call(stream), cudaErrorStreamCaptureUnsupported);
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(stream, &status);
    EXPECT_EQ(status, cudaStreamCaptureStatusInvalidated);
    EXPECT_EQ(cudaMemsetAsync(a.get(), 0, 4, stream), cudaErrorStreamCaptureInvalidated);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(graph, nullptr);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  };
  float value = 0.0f;
  void* memory = nullptr;
  capture_with([&](cudaStream_t) { return cudaMalloc(&memory, 4); });
  capture_with([&](cudaStream_t) { return cudaFree(a.get()); });
  capture_with(
      [&](cudaStream_t) { return cudaMemcpy(&value, a.get(), 4, cudaMemcpyDeviceToHost); });
  capture_with([&](cudaStream_t stream) { return cudaStreamSynchronize(stream); });
  capture_with([&](cudaStream_t) { return cudaDeviceSynchronize(); });
}

TEST_F(CudaEmulator, AForkThatIsNotJoinedIsAnError) {
  const Stream stream, side;
  DeviceVector<float> a({1.0f});
  cudaEvent_t fork = nullptr;
  cudaEventCreate(&fork);
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), cudaSuccess);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(side, fork);
  EXPECT_EQ(cudaMemsetAsync(a.get(), 0, 4, side), cudaSuccess);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(cudaStreamSynchronize(side), cudaSuccess);
  cudaEventDestroy(fork);
}

TEST_F(CudaEmulatorFault, InAReplayedGraphShowsAtTheNextSynchronisation) {
  const Stream stream;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  launch(stream, "write_together", write_together, {1, 2});
  launch(stream, "nothing", nothing, {1, 2});
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&executable, graph, 0);
  const size_t before = emulator::kernels_run();
  EXPECT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
  EXPECT_EQ(emulator::kernels_run(), before + 1);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
  EXPECT_EQ(emulator::faults().size(), 1u);
  emulator::clear_faults();
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
}

TEST_F(CudaEmulator, AllocationsFailWhenATestAsksForIt) {
  float* memory = nullptr;
  emulator::fail_next_malloc(1);
  ASSERT_EQ(cudaMalloc(&memory, 100), cudaSuccess);
  float* more = nullptr;
  EXPECT_EQ(cudaMalloc(&more, 100), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  EXPECT_EQ(emulator::allocated_bytes(), 100u);
  EXPECT_TRUE(emulator::is_device_memory(memory, 100));
  EXPECT_FALSE(emulator::is_device_memory(memory, 101));
  EXPECT_EQ(cudaMallocHost(&more, 8), cudaSuccess);
  EXPECT_EQ(cudaFreeHost(more), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&more, size_t{1} << 50), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaFree(memory), cudaSuccess);
}

TEST_F(CudaEmulator, WithoutADeviceNothingWorks) {
  emulator::set_device_count(0);
  int count = -1;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(count, 0);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 4), cudaErrorNoDevice);
  EXPECT_EQ(launch_status(nothing, 1, 1), cudaErrorNoDevice);
  emulator::set_device_count(1);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  cudaGetLastError();
}

TEST_F(CudaEmulator, TwoThreadsWorkOnTheirOwnStreams) {
  std::vector<float> results[2];
  const auto work = [&](int number) {
    const Stream stream;
    DeviceVector<float> values(std::vector<float>(256, 1.0f + number)), sums({0.0f});
    for (int i = 0; i < 50; ++i) {
      launch(stream, "sum_blocks", sum_blocks, {1, 256}, values.get(), sums.get());
      EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    }
    results[number] = sums.values();
  };
  std::thread first(work, 0), second(work, 1);
  first.join();
  second.join();
  EXPECT_THAT(results[0], ElementsAre(256.0f));
  EXPECT_THAT(results[1], ElementsAre(512.0f));
}

TEST(CudaEmulatorSmallFloats, RoundToNearestEven) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto half_bits = [](float value) { return __half_as_ushort(__float2half_rn(value)); };
  const auto bfloat_bits = [](float value) {
    return __bfloat16_as_ushort(__float2bfloat16_rn(value));
  };
  EXPECT_EQ(half_bits(1.0f), 0x3c00);
  EXPECT_EQ(half_bits(-2.0f), 0xc000);
  EXPECT_EQ(half_bits(2049.0f), half_bits(2048.0f));  // ties
  EXPECT_EQ(half_bits(2051.0f), half_bits(2052.0f));
  EXPECT_EQ(half_bits(65519.0f), 0x7bff);
  EXPECT_EQ(half_bits(65520.0f), 0x7c00);
  EXPECT_EQ(half_bits(-infinity), 0xfc00);
  EXPECT_EQ(half_bits(std::ldexp(1.0f, -24)), 0x0001);
  EXPECT_EQ(half_bits(std::ldexp(1.0f, -25)), 0x0000);
  EXPECT_EQ(half_bits(std::nanf("")), 0x7fff);
  EXPECT_EQ(bfloat_bits(257.0f), bfloat_bits(256.0f));
  EXPECT_EQ(bfloat_bits(259.0f), bfloat_bits(260.0f));
  EXPECT_EQ(bfloat_bits(infinity), 0x7f80);
  EXPECT_EQ(bfloat_bits(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_EQ(bfloat_bits(std::nanf("")), 0x7fff);
  for (unsigned int bits = 0; bits < 0x7c00; ++bits) {
    EXPECT_EQ(half_bits(__half2float(__ushort_as_half(bits))), bits);
    EXPECT_EQ(bfloat_bits(__bfloat162float(__ushort_as_bfloat16(bits))), bits);
  }
  EXPECT_TRUE(std::isnan(__half2float(__ushort_as_half(0x7c01))));
}

}  // namespace
}  // namespace hdecomp
