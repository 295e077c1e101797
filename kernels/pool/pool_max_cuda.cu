/// Max pooling on a GPU: every thread gathers what belongs to one output, or to the gradient of one
/// input or of a block of 2 x 2.
#include "kernels/core/quads_device.cuh"
#include "kernels/pool/pool.h"
#include "kernels/pool/pool_launch.cuh"

namespace hdecomp::cuda {
namespace {

/// The first and the last tap inside the map of those that begin at `begin`, `step` apart.
__device__ int32_t first_inside(int32_t begin, int32_t step) {
  return begin >= 0 ? begin : begin + (step - 1 - begin) / step * step;
}
__device__ int32_t last_inside(int32_t begin, int32_t step, int32_t taps, int32_t in) {
  const int32_t last = begin + (taps - 1) * step;
  return last < in ? last : last - (last - in + step) / step * step;
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
  // In place of the padding stands the nearest cell of the map that a tap reads, so it changes
  // neither the maximum nor the first place: padding is narrower than the kernel.
  const int32_t step_y = fixed > 0 ? 1 : pool.y.kernel.dilation;
  const int32_t step_x = fixed > 0 ? 1 : pool.x.kernel.dilation;
  const int32_t first_y = first_inside(top, step_y), first_x = first_inside(left, step_x);
  const int32_t last_y = last_inside(top, step_y, rows, pool.y.in);
  const int32_t last_x = last_inside(left, step_x, columns, pool.x.in);
  int32_t chosen = first_y * pool.x.in + first_x;
  float best = in[chosen];
  for (int32_t r = 0; r < rows; ++r) {
    const int32_t row = min(max(top + r * step_y, first_y), last_y) * pool.x.in;
    for (int32_t c = 0; c < columns; ++c) {
      const int32_t here = row + min(max(left + c * step_x, first_x), last_x);
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

/// Inputs 2i and 2i + 1 of an axis whose windows lie 2 apart: the first window that reaches one.
__device__ int32_t first_reader(const DeviceKernel& kernel, int32_t i) {
  return i + ((kernel.pad - kernel.size + 2) >> 1);
}
/// Whether that window and the next are all that reach them.
bool has_two_readers(int64_t size, int64_t stride, int64_t pad) {
  return stride == 2 && (pad + 1) / 2 - ((pad - size + 2) >> 1) <= 1;
}

/// As gather_maxima, where at most 2 x 2 windows reach a block of 2 x 2 inputs: a thread for each
/// of the `blocks`, so that a window's choice is read once for four inputs. `pairs`: a block's
/// rows are written in one access each.
template <bool pairs>
__global__ void __launch_bounds__(block_threads)
    gather_block_maxima(const float* dy, const int32_t* argmax, float* dx,
                        Pooling<SlidingAxis> pool, PlaneCells blocks, int32_t total) {
  constexpr int side = 2, windows = side * side;
  const int32_t i = thread_index();
  if (i >= total) return;
  const PlaneCells::At block = blocks.at(i);
  const int32_t first_row = first_reader(pool.y.kernel, block.y);
  const int32_t first_column = first_reader(pool.x.kernel, block.x);
  int32_t chosen[windows];
  float gradients[windows];
  for (int k = 0; k < windows; ++k) {
    const int32_t row = first_row + k / side, column = first_column + k % side;
    const bool there = row >= 0 && row < pool.y.out && column >= 0 && column < pool.x.out;
    const int32_t at = block.plane * pool.out.plane + row * pool.x.out + column;
    chosen[k] = there ? argmax[at] : -1;
    gradients[k] = there ? dy[at] : 0.0f;
  }
  const int32_t y = side * block.y, x = side * block.x;
  for (int r = 0; r < side && y + r < pool.y.in; ++r) {
    const int32_t own = (y + r) * pool.x.in + x;
    Pack<side> sums{};
    for (int k = 0; k < windows; ++k) {
      for (int c = 0; c < side; ++c) {
        sums.values[c] += chosen[k] == own + c ? gradients[k] : 0.0f;
      }
    }
    store_two<pairs>(dx + block.plane * pool.in.plane + own, sums, x + 1 < pool.x.in);
  }
}

}  // namespace

void max_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y,
                      IndexTensor& argmax) {
  const Pooling<SlidingAxis> pool = sliding(x.shape(), y.shape(), spec);
  const auto has_size = [&](int64_t size) {
    return spec.kernel_h == size && spec.kernel_w == size && spec.dilation_h == 1 &&
           spec.dilation_w == 1;
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
  const PlaneCells blocks((dx.shape()[2] + 1) / 2, (dx.shape()[3] + 1) / 2);
  const bool dilated = spec.dilation_h > 1 || spec.dilation_w > 1;
  const bool in_blocks = !dilated && has_two_readers(spec.kernel_h, spec.stride_h, spec.pad_h) &&
                         has_two_readers(spec.kernel_w, spec.stride_w, spec.pad_w);
  const bool pairs = dx.shape()[3] % 2 == 0 && is_aligned(dx.data(), 2);
  const auto gather_blocks = pairs ? gather_block_maxima<true> : gather_block_maxima<false>;
  for_each_slice(dx.shape(), pool.in.plane, pool.out.plane, [&](int64_t first, int64_t n) {
    const float* gradients = dy.data() + first * pool.out.plane;
    const int32_t* chosen = argmax.data() + first * pool.out.plane;
    float* to = dx.data() + first * pool.in.plane;
    const auto total = static_cast<int32_t>(n * (in_blocks ? blocks.plane : pool.in.plane));
    if (in_blocks) {
      launch(context.cuda().stream(), "max_pool_backward", gather_blocks, grid_for(total),
             gradients, chosen, to, pool, blocks, total);
    } else {
      launch(context.cuda().stream(), "max_pool_backward", gather_maxima, grid_for(total),
             gradients, chosen, to, pool, total);
    }
  });
}

}  // namespace hdecomp::cuda
