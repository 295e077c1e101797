/// Max pooling on a GPU: every thread gathers what belongs to one output, or to one input's
/// gradient.
#include "kernels/pool.h"
#include "kernels/pool_launch.cuh"

namespace hdecomp::cuda {
namespace {

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
/// input, in their order. `most`: of windows that reach an input on either axis, at most, where it
/// is known here, so that all loads are on their way at once; else 0.
template <int most>
__global__ void __launch_bounds__(block_threads)
    gather_maxima(const float* dy, const int32_t* argmax, float* dx, Pooling<SlidingAxis> pool,
                  int32_t total) {
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At from = pool.in.at(i);
  const CellRange rows = pool.y.readers(from.y), columns = pool.x.readers(from.x);
  const int32_t own = from.y * pool.x.in + from.x, first = from.plane * pool.out.plane;
  float sum = 0;
  if constexpr (most > 0) {
    int32_t chosen[most * most];
    float gradients[most * most];
    for (int k = 0; k < most * most; ++k) {
      const int32_t row = rows.first + k / most, column = columns.first + k % most;
      const bool there = row <= rows.last && column <= columns.last;
      const int32_t at = first + row * pool.x.out + column;
      chosen[k] = there ? argmax[at] : -1;
      gradients[k] = there ? dy[at] : 0.0f;
    }
    for (int k = 0; k < most * most; ++k) sum += chosen[k] == own ? gradients[k] : 0.0f;
  } else {
    for (int32_t row = rows.first; row <= rows.last; ++row) {
      for (int32_t column = columns.first; column <= columns.last; ++column) {
        const int32_t at = first + row * pool.x.out + column;
        if (argmax[at] == own) sum += dy[at];
      }
    }
  }
  dx[i] = sum;
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
  const auto reached_by = [&](int64_t most) {
    return spec.kernel_h <= most * spec.stride_h && spec.kernel_w <= most * spec.stride_w;
  };
  const auto kernel = reached_by(1)   ? gather_maxima<1>
                      : reached_by(2) ? gather_maxima<2>
                                      : gather_maxima<0>;
  for_each_slice(dx.shape(), pool.in.plane, pool.out.plane, [&](int64_t first, int64_t n) {
    const int64_t total = n * pool.in.plane, from = first * pool.out.plane;
    launch(context.cuda().stream(), "max_pool_backward", kernel, grid_for(total), dy.data() + from,
           argmax.data() + from, dx.data() + first * pool.in.plane, pool,
           static_cast<int32_t>(total));
  });
}

}  // namespace hdecomp::cuda
