/// Pooling on a GPU: every thread gathers what belongs to one output, or to one input's gradient.
#include <bit>

#include "kernels/full_grid.cuh"
#include "kernels/pool.h"
#include "kernels/pool_device.cuh"

namespace hdecomp::cuda {
namespace {

constexpr int block_threads = 256;
constexpr unsigned all_lanes = 0xffffffffu;

__device__ int32_t thread_index() {
  return static_cast<int32_t>(blockIdx.x * block_threads + threadIdx.x);
}

/// x (planes, H, W) to y and argmax (planes, P, Q). `fixed`: the kernel's size on both axes where
/// it is known here, so that all loads are on their way at once; else 0.
template <int fixed>
__global__ void __launch_bounds__(block_threads)
    take_maxima(const float* x, float* y, int32_t* argmax, Pooling<SlidingAxis> pool,
                int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At to = pool.out.at(i);
  const float* in = x + to.plane * pool.in.plane;
  const int32_t top = to.y * pool.y.kernel.stride - pool.y.kernel.pad;
  const int32_t left = to.x * pool.x.kernel.stride - pool.x.kernel.pad;
  const int32_t rows = fixed > 0 ? fixed : pool.y.kernel.size;
  const int32_t columns = fixed > 0 ? fixed : pool.x.kernel.size;
  // In place of the padding stands the nearest cell of the map. That one lies in the window too, as
  // padding is narrower than the kernel, so it changes neither the maximum nor the first place.
  int32_t chosen = max(top, 0) * pool.x.in + max(left, 0);
  float best = in[chosen];
  for (int32_t r = 0; r < rows; ++r) {
    const int32_t row = min(max(top + r, 0), pool.y.in - 1) * pool.x.in;
    for (int32_t c = 0; c < columns; ++c) {
      const int32_t here = row + min(max(left + c, 0), pool.x.in - 1);
      const float value = in[here];
      if (value > best) {
        best = value;
        chosen = here;
      }
    }
  }
  y[i] = best;
  argmax[i] = chosen;
}

/// dy, argmax (planes, P, Q) to dx (planes, H, W): the sum of dy over the windows that chose the
/// input, in their order.
__global__ void __launch_bounds__(block_threads)
    gather_maxima(const float* dy, const int32_t* argmax, float* dx, Pooling<SlidingAxis> pool,
                  int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At from = pool.in.at(i);
  const CellRange rows = pool.y.readers(from.y), columns = pool.x.readers(from.x);
  const int32_t own = from.y * pool.x.in + from.x, first = from.plane * pool.out.plane;
  float sum = 0;
  for (int32_t row = rows.first; row <= rows.last; ++row) {
    for (int32_t column = columns.first; column <= columns.last; ++column) {
      const int32_t at = first + row * pool.x.out + column;
      if (argmax[at] == own) sum += dy[at];
    }
  }
  dx[i] = sum;
}

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

/// x (planes, H, W) to y (planes, P, Q): `lanes` threads, a power of two up to 32, take the columns
/// of one output's rectangle in turn.
template <class Axis, class Mean>
__global__ void __launch_bounds__(block_threads)
    take_means(const float* x, float* y, Pooling<Axis> pool, Mean mean, int32_t lanes,
               int32_t total) {
  const int32_t thread = thread_index(), i = thread / lanes, lane = thread % lanes;
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

/// body(first plane, threads): as many planes at a time as 32-bit indexes reach.
/// `threads_per_plane` and `other_plane` count the threads and the elements of a plane on the other
/// side.
template <class Body>
void for_each_slice(const Shape& shape, int64_t threads_per_plane, int64_t other_plane, Body body) {
  const int64_t planes = shape[0] * shape[1];
  const int64_t largest = std::max(threads_per_plane, other_plane);
  const int64_t most = std::max<int64_t>(1, (int64_t{1} << 30) / std::max<int64_t>(largest, 1));
  for (int64_t first = 0; first < planes; first += most) {
    body(first, std::min(most, planes - first));
  }
}

Grid grid_for(int64_t threads) { return full_grid(threads, block_threads); }

/// `columns`: of the widest rectangle.
template <class Axis, class Mean>
void means(const Context& context, const Pooling<Axis>& pool, Mean mean, int64_t columns,
           const Tensor& x, Tensor& y) {
  const int64_t lanes =
      columns <= 4 ? 1 : std::min<int64_t>(std::bit_ceil(static_cast<uint64_t>(columns)), 32);
  for_each_slice(x.shape(), pool.out.plane * lanes, pool.in.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.out.plane;
    launch(context.cuda().stream(), "average pool", take_means<Axis, Mean>, grid_for(total * lanes),
           x.data() + first * pool.in.plane, y.data() + first * pool.out.plane, pool, mean,
           static_cast<int32_t>(lanes), static_cast<int32_t>(total));
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

}  // namespace

void max_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y,
                      IndexTensor& argmax) {
  const Pooling<SlidingAxis> pool = sliding(x.shape(), y.shape(), spec);
  const auto has_size = [&](int64_t size) {
    return spec.kernel_h == size && spec.kernel_w == size;
  };
  const auto kernel = has_size(2) ? take_maxima<2> : has_size(3) ? take_maxima<3> : take_maxima<0>;
  for_each_slice(x.shape(), pool.out.plane, pool.in.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.out.plane, to = first * pool.out.plane;
    launch(context.cuda().stream(), "max_pool", kernel, grid_for(total),
           x.data() + first * pool.in.plane, y.data() + to, argmax.data() + to, pool,
           static_cast<int32_t>(total));
  });
}

void max_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy,
                       const IndexTensor& argmax, Tensor& dx) {
  const Pooling<SlidingAxis> pool = sliding(dx.shape(), dy.shape(), spec);
  for_each_slice(dx.shape(), pool.in.plane, pool.out.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.in.plane, from = first * pool.out.plane;
    launch(context.cuda().stream(), "max_pool_backward", gather_maxima, grid_for(total),
           dy.data() + from, argmax.data() + from, dx.data() + first * pool.in.plane, pool,
           static_cast<int32_t>(total));
  });
}

void avg_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y) {
  means(context, sliding(x.shape(), y.shape(), spec), window_mean(spec), spec.kernel_w, x, y);
}

void avg_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy, Tensor& dx) {
  mean_gradients(context, sliding(dx.shape(), dy.shape(), spec), window_mean(spec), dy, dx);
}

void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t columns = x.shape()[3] / y.shape()[3] + 1;
  means(context, cells(x.shape(), y.shape()), CellMean{}, columns, x, y);
}

void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  mean_gradients(context, cells(dx.shape(), dy.shape()), CellMean{}, dy, dx);
}

}  // namespace hdecomp::cuda
