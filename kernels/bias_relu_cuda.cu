/// Bias and ReLU over a layer's output, in place.
#include "kernels/bias_relu_cuda.h"

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_launch.h"

namespace hdecomp::cuda {
namespace {

constexpr int block_threads = 256;

/// y (n, channels, plane). A NaN stays one, so that it comes to light.
__global__ void add_bias(const float* bias, uint32_t elements, uint32_t channels, uint32_t plane,
                         bool relu, float* y) {
  for (uint32_t i = blockIdx.x * block_threads + threadIdx.x; i < elements;
       i += gridDim.x * block_threads) {
    const float value = y[i] + bias[i / plane % channels];
    y[i] = relu && value < 0 ? 0 : value;
  }
}

}  // namespace

Layout::Layout(int64_t images, int64_t channel_count, int64_t plane_size)
    : elements(static_cast<uint32_t>(images * channel_count * plane_size)),
      channels(static_cast<uint32_t>(channel_count)),
      plane(static_cast<uint32_t>(plane_size)) {
  const int64_t all = images * channel_count * plane_size;
  if (all >= int64_t{1} << 31) throw Error(text("a tensor of ", all, " elements"));
}

void bias_relu(const Context& context, const float* bias, const Layout& layout, bool relu,
               float* y) {
  launch(context.cuda().stream(), "bias_relu", add_bias,
         Grid{blocks_for(layout.elements, block_threads), block_threads, 0}, bias, layout.elements,
         layout.channels, layout.plane, relu, y);
}

}  // namespace hdecomp::cuda
