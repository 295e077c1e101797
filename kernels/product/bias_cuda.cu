/// Bias and activation over a layer's output, in place.
#include "kernels/product/bias_cuda.h"

#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"

namespace hdecomp::cuda {
namespace {

__device__ float with_bias(float value, float bias, Activation activation) {
  return activated(activation, value + bias);
}
__device__ float4 with_bias(const float4& y, float bias, Activation activation) {
  return {with_bias(y.x, bias, activation), with_bias(y.y, bias, activation),
          with_bias(y.z, bias, activation), with_bias(y.w, bias, activation)};
}

/// y (n, channels, plane) of floats, or of float4s that lie in one plane each.
template <class T>
__global__ void __launch_bounds__(block_threads)
    add_to_elements(const float* bias, uint32_t count, const ChannelOf channel_of,
                    Activation activation, T* y) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i < count) y[i] = with_bias(y[i], bias[channel_of(i)], activation);
}

template <class T>
void launch_bias(const Context& context, const float* bias, const Layout& layout,
                 Activation activation, T* y) {
  constexpr uint32_t floats = sizeof(T) / sizeof(float);
  const uint32_t count = layout.elements / floats;
  launch(context.cuda().stream(), "add_bias", add_to_elements<T>, full_grid(count, block_threads),
         bias, count, ChannelOf(layout.channels, layout.plane / floats), activation, y);
}

}  // namespace

Layout::Layout(int64_t images, int64_t channel_count, int64_t plane_size)
    : elements(static_cast<uint32_t>(images * channel_count * plane_size)),
      channels(static_cast<uint32_t>(channel_count)),
      plane(static_cast<uint32_t>(plane_size)) {
  const int64_t all = images * channel_count * plane_size;
  if (all >= int64_t{1} << 31) throw Error(joined("a tensor of ", all, " elements"));
}

void add_bias(const Context& context, const float* bias, const Layout& layout,
              Activation activation, float* y) {
  if (layout.in_quads(y)) {
    return launch_bias(context, bias, layout, activation, reinterpret_cast<float4*>(y));
  }
  launch_bias(context, bias, layout, activation, y);
}

}  // namespace hdecomp::cuda
