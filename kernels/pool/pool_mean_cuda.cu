/// Average pooling on a GPU: every thread gathers what belongs to one output, or to one input's
/// gradient; a few share a wide rectangle.
#include <algorithm>
#include <bit>

#include "kernels/core/lanes.cuh"
#include "kernels/pool/pool.h"
#include "kernels/pool/pool_global_cuda.h"
#include "kernels/pool/pool_launch.cuh"

namespace hdecomp::cuda {
namespace {

/// Of a mean over `count` cells.
__device__ float share(float value, int32_t count) {
  return __fdiv_rn(value, static_cast<float>(count));
}

__device__ int32_t size(const CellRange& range) { return range.last - range.first + 1; }

/// x (planes, H, W) to y (planes, P, Q): 2 to `lane_bits` threads, up to 32, take the columns of
/// one output's rectangle in turn.
__global__ void __launch_bounds__(block_threads)
    take_means(const float* x, float* y, Pooling<CellAxis> pool, int32_t lane_bits, int32_t total) {
  const int32_t lanes = 1 << lane_bits;
  const int32_t i = thread_index() >> lane_bits, lane = thread_index() & (lanes - 1);
  const PlaneCells::At to = pool.out.at(i < total ? i : 0);
  const float* in = x + to.plane * pool.in.plane;
  const CellRange rows = pool.y.reach(to.y), columns = pool.x.reach(to.x);
  float sum = 0;
  for (int32_t row = rows.first; row <= rows.last; ++row) {
    float own = 0;
    for (int32_t column = columns.first + lane; column <= columns.last; column += lanes) {
      own += in[row * pool.x.in + column];
    }
    sum += own;
  }
  for (int32_t mask = lanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, mask);
  }
  if (lane == 0 && i < total) y[i] = share(sum, size(rows) * size(columns));
}

/// dy (planes, P, Q) to dx (planes, H, W).
__global__ void __launch_bounds__(block_threads)
    gather_means(const float* dy, float* dx, Pooling<CellAxis> pool, int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At from = pool.in.at(i);
  const CellRange rows = pool.y.readers(from.y), columns = pool.x.readers(from.x);
  const float* out = dy + from.plane * pool.out.plane;
  float sum = 0;
  for (int32_t row = rows.first; row <= rows.last; ++row) {
    const int32_t height = size(pool.y.reach(row));
    for (int32_t column = columns.first; column <= columns.last; ++column) {
      sum += share(out[row * pool.x.out + column], height * size(pool.x.reach(column)));
    }
  }
  dx[i] = sum;
}

/// `columns`: of the widest rectangle.
void means(const Context& context, const Pooling<CellAxis>& pool, int64_t columns, const Tensor& x,
           Tensor& y) {
  int32_t lane_bits =
      columns <= 4 ? 0 : std::min<int32_t>(std::bit_width(static_cast<uint64_t>(columns - 1)), 5);
  const int64_t outputs = pool.out.plane;
  while (lane_bits > 0 && outputs << lane_bits > int64_t{1} << 30) --lane_bits;  // thread_index
  for_each_slice(x.shape(), outputs << lane_bits, pool.in.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.out.plane;
    launch(context.cuda().stream(), "average pool", take_means, grid_for(total << lane_bits),
           x.data() + first * pool.in.plane, y.data() + first * pool.out.plane, pool, lane_bits,
           static_cast<int32_t>(total));
  });
}

void mean_gradients(const Context& context, const Pooling<CellAxis>& pool, const Tensor& dy,
                    Tensor& dx) {
  for_each_slice(dx.shape(), pool.in.plane, pool.out.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.in.plane;
    launch(context.cuda().stream(), "average pool backward", gather_means, grid_for(total),
           dy.data() + first * pool.out.plane, dx.data() + first * pool.in.plane, pool,
           static_cast<int32_t>(total));
  });
}

/// The whole map is one cell.
bool is_global(const Shape& pooled) { return pooled[2] == 1 && pooled[3] == 1; }

}  // namespace

void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  if (is_global(y.shape())) return global_pool_forward(context, x, y);
  const int64_t columns = x.shape()[3] / y.shape()[3] + 1;
  means(context, cells(x.shape(), y.shape()), columns, x, y);
}

void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  if (is_global(dy.shape())) return global_pool_backward(context, dy, dx);
  mean_gradients(context, cells(dx.shape(), dy.shape()), dy, dx);
}

}  // namespace hdecomp::cuda
