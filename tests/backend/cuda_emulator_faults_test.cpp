/// The CUDA emulator: each kind of wrong kernel is found.
#include <stdexcept>

#include "tests/backend/cuda_emulator_testing.h"

namespace hdecomp::emulator_testing {
namespace {

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

TEST_F(CudaEmulatorFault, ACopyOfMoreThanThereIs) {
  DeviceVector<float> four(counting(4));
  std::vector<float> five(5);
  EXPECT_EQ(cudaMemcpy(five.data(), four.get(), 20, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(five.data(), four.get(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(emulator::faults().size(), 2u);
  emulator::clear_faults();
}

}  // namespace
}  // namespace hdecomp::emulator_testing
