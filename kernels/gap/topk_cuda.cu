/// topk on a GPU. For a few channels of each decision a warp chooses them one after another; for
/// many each channel's rank is the count of those ahead of it, whatever N.
#include <algorithm>
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_shared.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/gap/topk.h"

namespace hdecomp::cuda {
namespace {

constexpr int topk_threads = 128, block_warps = topk_threads / warp_lanes;
/// Up to here choosing, with a pass over the channels for each, is less work than ranking.
constexpr int64_t few_channels = 16;

/// A warp for each decision: of the channels behind the last chosen one, by falling contribution
/// and rising channel, the first. alpha (D, C), channels (D, N)
__global__ void __launch_bounds__(topk_threads)
    choose_channels(const float* alpha, int32_t decisions, int32_t count, int32_t* channels,
                    int32_t n) {
  const auto thread = static_cast<int32_t>(threadIdx.x), lane = thread % warp_lanes;
  const auto decision = static_cast<int32_t>(blockIdx.x) * block_warps + thread / warp_lanes;
  if (decision >= decisions) return;
  const float* row = alpha + int64_t{decision} * count;
  float last = INFINITY;
  int32_t last_channel = -1;
  for (int32_t i = 0; i < n; ++i) {
    float best = 0;
    int32_t chosen = count;  // none
    for (int32_t c = lane; c < count; c += warp_lanes) {
      const float value = row[c];
      const bool behind = value < last || (value == last && c > last_channel);
      if (behind && value > best) {
        best = value;
        chosen = c;
      }
    }
    for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
      const float other = __shfl_xor_sync(all_lanes, best, mask);
      const int32_t its = __shfl_xor_sync(all_lanes, chosen, mask);
      if (other > best || (other == best && its < chosen)) {
        best = other;
        chosen = its;
      }
    }
    if (lane == 0) channels[int64_t{decision} * n + i] = chosen < count ? chosen : -1;
    last = chosen < count ? best : 0.0f;
    last_channel = chosen;
  }
}

/// One block for 128 channels of one decision; a thread ranks one channel against all.
/// alpha (D, C), channels (D, N)
__global__ void __launch_bounds__(topk_threads)
    rank_channels(const float* alpha, int32_t count, int32_t blocks_per_row, int32_t* channels,
                  int64_t n) {
  __shared__ SharedArray<float, topk_threads> tile;
  const auto thread = static_cast<int32_t>(threadIdx.x);
  const int64_t decision = blockIdx.x / blocks_per_row;
  const auto block = static_cast<int32_t>(blockIdx.x % blocks_per_row);
  const float* row = alpha + decision * count;
  const int32_t channel = block * topk_threads + thread;
  const float own = channel < count ? row[channel] : 0.0f;
  int32_t rank = 0, positive = 0;
  for (int32_t begin = 0; begin < count; begin += topk_threads) {
    __syncthreads();
    tile[thread] = begin + thread < count ? row[begin + thread] : 0.0f;
    __syncthreads();
    const int32_t before = channel - begin;  // of equals the lower channel is ahead
    for (int32_t i = 0; i < topk_threads; i += 4) {
      const float4 four = tile.load4(i);
      const float others[4] = {four.x, four.y, four.z, four.w};
      for (int32_t k = 0; k < 4; ++k) {
        positive += others[k] > 0 ? 1 : 0;
        rank += others[k] > own || (others[k] == own && i + k < before) ? 1 : 0;
      }
    }
  }
  int32_t* chosen = channels + decision * n;
  if (own > 0 && rank < n) chosen[rank] = channel;
  if (block != 0) return;
  for (int64_t i = int64_t{positive} + thread; i < n; i += topk_threads) chosen[i] = -1;
}

}  // namespace

void topk(const Context& context, const Tensor& alpha, IndexTensor& channels) {
  const int64_t decisions = alpha.shape()[0], count = alpha.shape()[1];
  const int64_t n = channels.shape()[1];
  if (decisions == 0) return;
  if (n <= few_channels && decisions <= INT32_MAX) {
    launch(context.cuda().stream(), "topk", choose_channels,
           full_grid(decisions * warp_lanes, topk_threads), alpha.data(),
           static_cast<int32_t>(decisions), static_cast<int32_t>(count), channels.data(),
           static_cast<int32_t>(n));
    return;
  }
  const int64_t blocks_per_row = std::max<int64_t>(1, (count + topk_threads - 1) / topk_threads);
  launch(context.cuda().stream(), "topk", rank_channels,
         block_grid(decisions * blocks_per_row, topk_threads), alpha.data(),
         static_cast<int32_t>(count), static_cast<int32_t>(blocks_per_row), channels.data(), n);
}

}  // namespace hdecomp::cuda
