/// Softmax on a GPU: one block per row, or a warp where its lanes can hold the row; sums in double.
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_shared.h"
#include "kernels/full_grid.cuh"
#include "kernels/softmax.h"

namespace hdecomp::cuda {
namespace {

constexpr int block_threads = 256, warp_lanes = 32, warps = block_threads / warp_lanes;
constexpr unsigned all_lanes = 0xffffffffu;

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
__global__ void __launch_bounds__(block_threads)
    softmax_rows(const float* x, float* y, int64_t classes) {
  const float* in = x + blockIdx.x * classes;
  float* out = y + blockIdx.x * classes;
  float most = in[0];
  for (int64_t i = threadIdx.x; i < classes; i += block_threads) most = fmaxf(most, in[i]);
  most = over_block(most, Most{});
  double sum = 0;
  for (int64_t i = threadIdx.x; i < classes; i += block_threads) {
    out[i] = expf(in[i] - most);
    sum += out[i];
  }
  const auto scale = static_cast<float>(1 / over_block(sum, Sum{}));
  for (int64_t i = threadIdx.x; i < classes; i += block_threads) out[i] *= scale;
}

/// A warp for each row, whose values its lanes hold, `held` each: read once and written once.
// x, y (rows, classes)
template <int held>
__global__ void __launch_bounds__(block_threads)
    softmax_held_rows(const float* x, float* y, int64_t rows, int32_t classes) {
  const auto thread = static_cast<int32_t>(threadIdx.x), lane = thread % warp_lanes;
  const int64_t row = int64_t{blockIdx.x} * warps + thread / warp_lanes;
  if (row >= rows) return;
  const float* in = x + row * classes;
  float* out = y + row * classes;
  float values[held];
  for (int k = 0; k < held; ++k) {
    const int32_t i = lane + k * warp_lanes;
    values[k] = i < classes ? in[i] : -INFINITY;
  }
  float most = values[0];
  for (int k = 1; k < held; ++k) most = fmaxf(most, values[k]);
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    most = fmaxf(most, __shfl_xor_sync(all_lanes, most, mask));
  }
  double sum = 0;
  for (int k = 0; k < held; ++k) {
    values[k] = lane + k * warp_lanes < classes ? expf(values[k] - most) : 0.0f;
    sum += values[k];
  }
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(all_lanes, sum, mask);
  }
  const auto scale = static_cast<float>(1 / sum);
  for (int k = 0; k < held; ++k) {
    const int32_t i = lane + k * warp_lanes;
    if (i < classes) out[i] = values[k] * scale;
  }
}

// y, dy, dx (rows, classes)
__global__ void __launch_bounds__(block_threads)
    softmax_backward_rows(const float* y, const float* dy, float* dx, int64_t classes) {
  const float* probability = y + blockIdx.x * classes;
  const float* in = dy + blockIdx.x * classes;
  float* out = dx + blockIdx.x * classes;
  double mean = 0, sum = 0;
  for (int64_t i = threadIdx.x; i < classes; i += block_threads) {
    mean += static_cast<double>(probability[i]) * in[i];
    sum += probability[i];
  }
  mean = over_block(mean, Sum{});
  sum = over_block(sum, Sum{});
  // As on the CPU: the sum over j of y_j (dy - dy_j), exact where a probability is almost 1.
  for (int64_t i = threadIdx.x; i < classes; i += block_threads) {
    out[i] = probability[i] * static_cast<float>(in[i] * sum - mean);
  }
}

}  // namespace

void softmax_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t rows = x.shape()[0], classes = x.shape()[1];
  if (rows == 0) return;
  constexpr int few = 4, many = 32;  // 128 and 1024 classes
  if (classes <= many * warp_lanes) {
    const auto kernel =
        classes <= few * warp_lanes ? softmax_held_rows<few> : softmax_held_rows<many>;
    return launch(context.cuda().stream(), "softmax", kernel,
                  full_grid(rows * warp_lanes, block_threads), x.data(), y.data(), rows,
                  static_cast<int32_t>(classes));
  }
  launch(context.cuda().stream(), "softmax", softmax_rows, block_grid(rows, block_threads),
         x.data(), y.data(), classes);
}

void softmax_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx) {
  const int64_t rows = y.shape()[0], classes = y.shape()[1];
  if (rows == 0) return;
  launch(context.cuda().stream(), "softmax_backward", softmax_backward_rows,
         block_grid(rows, block_threads), y.data(), dy.data(), dx.data(), classes);
}

}  // namespace hdecomp::cuda
