/// channel_conv on the CPU: one item per task, tap by tap over a row.
#include <algorithm>

#include "kernels/channel_conv.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {
namespace {

/// `sums` (h, w) += the convolution of a difference, rows `in_width` long, with one kernel.
void add_channel(const Shape& weight_shape, const float* weight, int64_t stride,
                 const float* difference, int64_t in_width, int64_t height, int64_t width,
                 float* sums) {
  const int64_t kernel_height = weight_shape[2], kernel_width = weight_shape[3];
  for (int64_t r = 0; r < kernel_height; ++r) {
    for (int64_t s = 0; s < kernel_width; ++s) {
      const float w = weight[r * kernel_width + s];
      for (int64_t y = 0; y < height; ++y) {
        const float* from = difference + (y * stride + r) * in_width + s;
        float* row = sums + y * width;
        for (int64_t x = 0; x < width; ++x) row[x] += w * from[x * stride];
      }
    }
  }
}

}  // namespace

void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y) {
  const Shape &w = weight.shape(), &in = differences.shape(), &out = y.shape();
  const int64_t area = out[2] * out[3], taps = w[2] * w[3], planes = out[1];
  parallel_for(context, out[0], [&](int64_t item) {
    float* sums = y.data() + item * planes * area;
    std::copy_n(base.data(), planes * area, sums);
    const int64_t channel = conv.first + item;
    if (channel < conv.channels) {
      const int64_t inputs = w[1], outputs = planes / conv.groups, group = channel / inputs;
      const float* difference = differences.data() + item * in[2] * in[3];
      for (int64_t o = group * outputs; o < (group + 1) * outputs; ++o) {
        add_channel(w, weight.data() + (o * inputs + channel % inputs) * taps, conv.stride,
                    difference, in[3], out[2], out[3], sums + o * area);
      }
    }
    if (!conv.relu) return;
    for (int64_t i = 0; i < planes * area; ++i) sums[i] = std::max(sums[i], 0.0f);
  });
}

}  // namespace hdecomp::cpu
