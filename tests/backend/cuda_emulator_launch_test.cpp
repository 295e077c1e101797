/// The CUDA emulator: launches of sizes that a GPU refuses.
#include "tests/backend/cuda_emulator_testing.h"

namespace hdecomp::emulator_testing {
namespace {

__global__ void nothing_else() {}

__global__ void static_and_dynamic() {
  __shared__ SharedArray<float, 1024> values;
  values[0] = 1.0f;
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

}  // namespace
}  // namespace hdecomp::emulator_testing
