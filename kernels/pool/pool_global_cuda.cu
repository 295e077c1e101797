/// Global average pooling on a GPU: a few threads add up a plane; its gradient is spread in fours.
#include "kernels/pool/pool_global_cuda.h"

#include <algorithm>
#include <bit>

#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/pool/pool_launch.cuh"

namespace hdecomp::cuda {
namespace {

/// x (planes, cells) to y (planes): 2 to `lane_bits` threads, up to 32, take a plane's cells in
/// turn.
__global__ void __launch_bounds__(block_threads)
    take_global_means(const float* x, float* y, int32_t cells, int32_t lane_bits, int32_t planes) {
  constexpr int stretch = 8;
  const int32_t lanes = 1 << lane_bits;
  const int32_t plane = thread_index() >> lane_bits, lane = thread_index() & (lanes - 1);
  const float* in = x + int64_t{min(plane, planes - 1)} * cells;
  float sum = 0;
  for (int32_t begin = lane; begin < cells; begin += stretch * lanes) {
    float part[stretch];
    for (int k = 0; k < stretch; ++k) {
      const int32_t cell = begin + k * lanes;
      part[k] = cell < cells ? in[cell] : 0.0f;
    }
    for (int k = 0; k < stretch; ++k) sum += part[k];
  }
  for (int32_t mask = lanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, mask);
  }
  if (lane == 0 && plane < planes) y[plane] = __fdiv_rn(sum, static_cast<float>(cells));
}

/// A cell's share of its plane's mean.
__device__ float share_of(float mean, const Divider& by_cells) {
  return __fdiv_rn(mean, static_cast<float>(by_cells.divisor));
}

/// dy (planes) to dx (planes, cells): an equal share of the mean to each cell.
__global__ void __launch_bounds__(block_threads)
    share_global_means(const float* dy, float* dx, Divider by_cells, int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  dx[i] = share_of(dy[by_cells.quotient(i)], by_cells);
}

/// The same for four neighbouring cells, which with `cells` >= 4 lie in two planes at most; `total`
/// counts fours.
__global__ void __launch_bounds__(block_threads)
    share_global_means_in_fours(const float* dy, float* dx, Divider by_cells, int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const auto cells = static_cast<int32_t>(by_cells.divisor);
  const auto plane = static_cast<int32_t>(by_cells.quotient(4 * i));
  const int32_t left = (plane + 1) * cells - 4 * i;  // cells of the first plane from here on
  const float own = share_of(dy[plane], by_cells);
  const float next = left < 4 ? share_of(dy[plane + 1], by_cells) : own;
  store_pack<4>(dx + 4 * i,
                {own, left > 1 ? own : next, left > 2 ? own : next, left > 3 ? own : next});
}

}  // namespace

void global_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t cells = device_extent(x.shape()[2] * x.shape()[3]);
  const int32_t lane_bits =
      std::bit_width(static_cast<uint64_t>(std::clamp<int64_t>(cells / 8, 4, 32))) - 1;
  for_each_slice(x.shape(), int64_t{1} << lane_bits, cells, [&](int64_t first, int64_t n) {
    launch(context.cuda().stream(), "global pool", take_global_means, grid_for(n << lane_bits),
           x.data() + first * cells, y.data() + first, static_cast<int32_t>(cells), lane_bits,
           static_cast<int32_t>(n));
  });
}

void global_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  const int64_t cells = device_extent(dx.shape()[2] * dx.shape()[3]);
  for_each_slice(dx.shape(), cells, 1, [&](int64_t first, int64_t n) {
    float* to = dx.data() + first * cells;
    const bool fours = cells >= 4 && n * cells % 4 == 0 && is_aligned(to);
    const auto total = static_cast<int32_t>(fours ? n * cells / 4 : n * cells);
    launch(context.cuda().stream(), "global pool backward",
           fours ? share_global_means_in_fours : share_global_means, grid_for(total),
           dy.data() + first, to, Divider::by(cells), total);
  });
}

}  // namespace hdecomp::cuda
