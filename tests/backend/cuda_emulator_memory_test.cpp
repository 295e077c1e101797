/// The CUDA emulator: allocations, devices, threads and 16-bit numbers.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cmath>
#include <limits>
#include <thread>

#include "tests/backend/cuda_emulator_testing.h"

namespace hdecomp::emulator_testing {
namespace {

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
}  // namespace hdecomp::emulator_testing
