/// Average pooling on a GPU: every thread gathers what belongs to one output, or to one input's
/// gradient; a few share a wide rectangle.
#include <algorithm>
#include <bit>

#include "kernels/pool/pool.h"
#include "kernels/pool/pool_global_cuda.h"
#include "kernels/pool/pool_launch.cuh"

namespace hdecomp::cuda {
namespace {

constexpr unsigned all_lanes = 0xffffffffu;

/// A window's mean; padding counts.
struct WindowMean {
  float scale;  // 1 / (kernel_h * kernel_w)
  __device__ float share(float value, int32_t) const { return __fmul_rn(value, scale); }
};
/// A cell's mean.
struct CellMean {
  __device__ float share(float value, int32_t count) const {
    return __fdiv_rn(value, static_cast<float>(count));
  }
};

__device__ int32_t size(const CellRange& range) { return range.last - range.first + 1; }

/// x (planes, H, W) to y (planes, P, Q): 2 to `lane_bits` threads, up to 32, take the columns of
/// one output's rectangle in turn.
template <class Axis, class Mean>
__global__ void __launch_bounds__(block_threads)
    take_means(const float* x, float* y, Pooling<Axis> pool, Mean mean, int32_t lane_bits,
               int32_t total) {
  const int32_t lanes = 1 << lane_bits;
  const int32_t i = thread_index() >> lane_bits, lane = thread_index() & (lanes - 1);
  const PlaneCells::At to = pool.out.at(i < total ? i : 0);
  const float* in = x + to.plane * pool.in.plane;
  const CellRange rows = pool.y.reach(to.y), columns = pool.x.reach(to.x);
  float sum = 0;
  for (int32_t row = rows.first; row <= rows.last; ++row) {
    for (int32_t column = columns.first + lane; column <= columns.last; column += lanes) {
      sum += in[row * pool.x.in + column];
    }
  }
  for (int32_t mask = lanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, mask);
  }
  if (lane == 0 && i < total) y[i] = mean.share(sum, size(rows) * size(columns));
}

/// x (planes, H, W) to y (planes, P, Q) for a kernel of fixed x fixed: one thread per output, all
/// loads on their way at once.
template <int fixed>
__global__ void __launch_bounds__(block_threads)
    take_fixed_means(const float* x, float* y, Pooling<SlidingAxis> pool, WindowMean mean,
                     int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At to = pool.out.at(i);
  const float* in = x + to.plane * pool.in.plane;
  const CellRange rows = pool.y.reach(to.y), columns = pool.x.reach(to.x);
  float cells[fixed * fixed];
  for (int k = 0; k < fixed * fixed; ++k) {
    const int32_t row = rows.first + k / fixed, column = columns.first + k % fixed;
    const bool there = row <= rows.last && column <= columns.last;
    cells[k] = there ? in[row * pool.x.in + column] : 0.0f;
  }
  float sum = 0;
  for (int k = 0; k < fixed * fixed; ++k) sum += cells[k];
  y[i] = mean.share(sum, 0);
}

/// dy (planes, P, Q) to dx (planes, H, W).
template <class Axis, class Mean>
__global__ void __launch_bounds__(block_threads)
    gather_means(const float* dy, float* dx, Pooling<Axis> pool, Mean mean, int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At from = pool.in.at(i);
  const CellRange rows = pool.y.readers(from.y), columns = pool.x.readers(from.x);
  const float* out = dy + from.plane * pool.out.plane;
  float sum = 0;
  for (int32_t row = rows.first; row <= rows.last; ++row) {
    const int32_t height = size(pool.y.reach(row));
    for (int32_t column = columns.first; column <= columns.last; ++column) {
      sum += mean.share(out[row * pool.x.out + column], height * size(pool.x.reach(column)));
    }
  }
  dx[i] = sum;
}

/// `columns`: of the widest rectangle.
template <class Axis, class Mean>
void means(const Context& context, const Pooling<Axis>& pool, Mean mean, int64_t columns,
           const Tensor& x, Tensor& y) {
  int32_t lane_bits =
      columns <= 4 ? 0 : std::min<int32_t>(std::bit_width(static_cast<uint64_t>(columns - 1)), 5);
  const int64_t outputs = pool.out.plane;
  while (lane_bits > 0 && outputs << lane_bits > int64_t{1} << 30) --lane_bits;  // thread_index
  for_each_slice(x.shape(), outputs << lane_bits, pool.in.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.out.plane;
    launch(context.cuda().stream(), "average pool", take_means<Axis, Mean>,
           grid_for(total << lane_bits), x.data() + first * pool.in.plane,
           y.data() + first * pool.out.plane, pool, mean, lane_bits, static_cast<int32_t>(total));
  });
}

template <class Axis, class Mean>
void mean_gradients(const Context& context, const Pooling<Axis>& pool, Mean mean, const Tensor& dy,
                    Tensor& dx) {
  for_each_slice(dx.shape(), pool.in.plane, pool.out.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.in.plane;
    launch(context.cuda().stream(), "average pool backward", gather_means<Axis, Mean>,
           grid_for(total), dy.data() + first * pool.out.plane, dx.data() + first * pool.in.plane,
           pool, mean, static_cast<int32_t>(total));
  });
}

WindowMean window_mean(const PoolSpec& spec) {
  return {1.0f / static_cast<float>(spec.kernel_h * spec.kernel_w)};
}

void means_of_3x3(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y) {
  const Pooling<SlidingAxis> pool = sliding(x.shape(), y.shape(), spec);
  for_each_slice(x.shape(), pool.out.plane, pool.in.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.out.plane;
    launch(context.cuda().stream(), "average pool 3x3", take_fixed_means<3>, grid_for(total),
           x.data() + first * pool.in.plane, y.data() + first * pool.out.plane, pool,
           window_mean(spec), static_cast<int32_t>(total));
  });
}

/// The whole map is one cell.
bool is_global(const Shape& pooled) { return pooled[2] == 1 && pooled[3] == 1; }

}  // namespace

void avg_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y) {
  if (spec.kernel_h == 3 && spec.kernel_w == 3) return means_of_3x3(context, spec, x, y);
  means(context, sliding(x.shape(), y.shape(), spec), window_mean(spec), spec.kernel_w, x, y);
}

void avg_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy, Tensor& dx) {
  mean_gradients(context, sliding(dx.shape(), dy.shape(), spec), window_mean(spec), dy, dx);
}

void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  if (is_global(y.shape())) return global_pool_forward(context, x, y);
  const int64_t columns = x.shape()[3] / y.shape()[3] + 1;
  means(context, cells(x.shape(), y.shape()), CellMean{}, columns, x, y);
}

void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  if (is_global(dy.shape())) return global_pool_backward(context, dy, dx);
  mean_gradients(context, cells(dx.shape(), dy.shape()), CellMean{}, dy, dx);
}

}  // namespace hdecomp::cuda
