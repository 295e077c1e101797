/// Softmax on a GPU: one block per row, which it holds if its threads can; sums in double.
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_shared.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/map/softmax.h"

namespace hdecomp::cuda {
namespace {

constexpr int softmax_threads = 128, warps = softmax_threads / warp_lanes;
constexpr int packs_held = 2;

struct Sum {
  __device__ double operator()(double a, double b) const { return a + b; }
};
struct Most {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

/// All threads' values as one, the same in every thread; always in the same order.
template <class Merge, class T>
__device__ T over_block(T value, Merge merge) {
  __shared__ SharedArray<T, warps> of_warps;
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    value = merge(value, __shfl_xor_sync(all_lanes, value, mask));
  }
  __syncthreads();  // who still reads the last result
  if (threadIdx.x % warp_lanes == 0) of_warps[threadIdx.x / warp_lanes] = value;
  __syncthreads();
  value = of_warps[0];
  for (int warp = 1; warp < warps; ++warp) value = merge(value, of_warps[warp]);
  return value;
}

// x, y (rows, classes)
__global__ void __launch_bounds__(softmax_threads)
    softmax_rows(const float* x, float* y, int64_t classes) {
  const float* in = x + blockIdx.x * classes;
  float* out = y + blockIdx.x * classes;
  float most = in[0];
  for (int64_t i = threadIdx.x; i < classes; i += softmax_threads) most = fmaxf(most, in[i]);
  most = over_block(most, Most{});
  double sum = 0;
  for (int64_t i = threadIdx.x; i < classes; i += softmax_threads) {
    out[i] = expf(in[i] - most);
    sum += out[i];
  }
  const auto scale = static_cast<float>(1 / over_block(sum, Sum{}));
  for (int64_t i = threadIdx.x; i < classes; i += softmax_threads) out[i] *= scale;
}

/// The same where a block's threads hold its row, up to `packs_held` times `width` neighbours each:
/// read once and written once.
template <int width>
__global__ void __launch_bounds__(softmax_threads)
    softmax_held_rows(const float* x, float* y, int32_t classes) {
  const int64_t row = int64_t{blockIdx.x} * classes;
  const auto first = static_cast<int32_t>(threadIdx.x) * width;
  constexpr int32_t step = softmax_threads * width;
  Pack<width> own[packs_held];
  float most = -INFINITY;
  for (int k = 0; k < packs_held; ++k) {
    for (float& value : own[k].values) value = -INFINITY;
    if (first + k * step < classes) own[k] = load_pack<width>(x + row + first + k * step);
    for (const float value : own[k].values) most = fmaxf(most, value);
  }
  most = over_block(most, Most{});
  double sum = 0;
  for (Pack<width>& pack : own) {
    for (float& value : pack.values) {
      value = expf(value - most);  // 0 where there is none
      sum += value;
    }
  }
  const auto scale = static_cast<float>(1 / over_block(sum, Sum{}));
  for (int k = 0; k < packs_held; ++k) {
    for (float& value : own[k].values) value *= scale;
    if (first + k * step < classes) store_pack(y + row + first + k * step, own[k]);
  }
}

}  // namespace

void softmax_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t rows = x.shape()[0], classes = x.shape()[1];
  if (rows == 0) return;
  const bool fours = classes % 4 == 0 && is_aligned(x.data()) && is_aligned(y.data());
  if (classes <= softmax_threads * packs_held * (fours ? 4 : 1)) {
    return launch(
        context.cuda().stream(), "softmax", fours ? softmax_held_rows<4> : softmax_held_rows<1>,
        block_grid(rows, softmax_threads), x.data(), y.data(), static_cast<int32_t>(classes));
  }
  launch(context.cuda().stream(), "softmax", softmax_rows, block_grid(rows, softmax_threads),
         x.data(), y.data(), classes);
}

}  // namespace hdecomp::cuda
