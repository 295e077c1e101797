/// channel_conv on a GPU: one output per thread.
#include "kernels/conv/channel_conv.h"
#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/to_int.h"

namespace hdecomp::cuda {
namespace {

struct Extents {
  Divider by_planes, by_area, by_width, by_outputs, by_inputs;
  uint32_t count;  // of outputs
  int32_t channels, first, stride, kernel_height, kernel_width;
  int32_t in_width, in_area;

  Extents(const ChannelConv& conv, const Shape& weight, const Shape& differences, const Shape& y)
      : by_planes(Divider::by(y[1])),
        by_area(Divider::by(y[2] * y[3])),
        by_width(Divider::by(y[3])),
        by_outputs(Divider::by(y[1] / conv.groups)),
        by_inputs(Divider::by(weight[1])),
        count(static_cast<uint32_t>(to_int(y.elements()))),
        channels(to_int(conv.channels)),
        first(to_int(conv.first)),
        stride(to_int(conv.stride)),
        kernel_height(to_int(weight[2])),
        kernel_width(to_int(weight[3])),
        in_width(to_int(differences[3])),
        in_area(to_int(differences[2] * differences[3])) {
    to_int(conv.first + y[0]);
  }
};

/// base (K, p, q), differences (items, h, w), y (items, K, p, q)
__global__ void __launch_bounds__(block_threads)
    add_differences(const Extents e, const float* weight, const float* base,
                    const float* differences, Activation activation, float* y) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= e.count) return;
  const uint32_t line = e.by_area.quotient(i), cell = i - line * e.by_area.divisor;
  const uint32_t item = e.by_planes.quotient(line), output = line - item * e.by_planes.divisor;
  const int32_t channel = e.first + static_cast<int32_t>(item);
  float sum = base[int64_t{output} * e.by_area.divisor + cell];
  const uint32_t group = channel < e.channels ? e.by_inputs.quotient(channel) : 0;
  if (channel < e.channels && group == e.by_outputs.quotient(output)) {
    const uint32_t inputs = e.by_inputs.divisor, input = channel - group * inputs;
    const auto row = static_cast<int32_t>(e.by_width.quotient(cell));
    const int32_t column = static_cast<int32_t>(cell) - row * e.by_width.divisor;
    const float* tap =
        weight + (int64_t{output} * inputs + input) * (e.kernel_height * e.kernel_width);
    const float* from = differences + int64_t{item} * e.in_area +
                        int64_t{row * e.stride} * e.in_width + column * e.stride;
    for (int32_t r = 0; r < e.kernel_height; ++r, from += e.in_width) {
      for (int32_t s = 0; s < e.kernel_width; ++s) sum = __fmaf_rn(*tap++, from[s], sum);
    }
  }
  y[i] = activated(activation, sum);
}

}  // namespace

void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y) {
  if (y.elements() == 0) return;
  launch(context.cuda().stream(), "channel_conv", add_differences,
         full_grid(y.elements(), block_threads),
         Extents(conv, weight.shape(), differences.shape(), y.shape()), weight.data(), base.data(),
         differences.data(), conv.activation, y.data());
}

}  // namespace hdecomp::cuda
