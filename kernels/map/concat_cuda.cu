/// Concat on a GPU: a launch per input, a thread per element.
#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/to_int.h"
#include "kernels/map/concat.h"

namespace hdecomp::cuda {
namespace {

/// x (n, C h w) to y (n, all h w), from `offset` on in each image.
__global__ void __launch_bounds__(block_threads)
    put_channels(const float* x, uint32_t elements, const Divider by_image, int64_t all,
                 int64_t offset, float* y) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= elements) return;
  const uint32_t image = by_image.quotient(i), at = i - image * by_image.divisor;
  y[image * all + offset + at] = x[i];
}

}  // namespace

void concat_forward(const Context& context, std::span<const Tensor* const> inputs, Tensor& y) {
  if (y.elements() == 0) return;
  const int64_t images = y.shape()[0], all = y.elements() / images;
  int64_t offset = 0;
  for (const Tensor* x : inputs) {
    const int64_t own = x->elements() / images;
    if (own == 0) continue;
    launch(context.cuda().stream(), "concat", put_channels, full_grid(x->elements(), block_threads),
           x->data(), static_cast<uint32_t>(to_int(x->elements())), Divider::by(own), all, offset,
           y.data());
    offset += own;
  }
}

}  // namespace hdecomp::cuda
