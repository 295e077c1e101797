/// The CUDA emulator: right kernels give the right numbers.
#include "tests/backend/cuda_emulator_testing.h"

namespace hdecomp::emulator_testing {
namespace {

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

}  // namespace
}  // namespace hdecomp::emulator_testing
