/// channel_conv on the CPU: tap by tap over a row; where an output is one cell, a dot product.
#include <algorithm>

#include "kernels/channel_conv.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {
namespace {

// Neighbouring outputs of a task: their weights are read item after item, in the order that they
// lie in memory, since an item's channel lies behind the last one's.
constexpr int64_t task_outputs = 16;

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

/// Of a kernel as large as the difference; in an order that depends on the count alone.
float dot(const float* weight, const float* difference, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) sum += weight[i] * difference[i];
  return sum;
}

}  // namespace

void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y) {
  const Shape &w = weight.shape(), &in = differences.shape(), &out = y.shape();
  const int64_t area = out[2] * out[3], taps = w[2] * w[3], planes = out[1], inputs = w[1];
  const int64_t of_group = planes / conv.groups;
  parallel_for(context, (planes + task_outputs - 1) / task_outputs, [&](int64_t task) {
    const int64_t end = std::min((task + 1) * task_outputs, planes);
    for (int64_t o = task * task_outputs; o < end; ++o) {
      for (int64_t item = 0; item < out[0]; ++item) {
        float* sums = y.data() + (item * planes + o) * area;
        std::copy_n(base.data() + o * area, area, sums);
        const int64_t channel = conv.first + item;
        if (channel < conv.channels && channel / inputs == o / of_group) {
          const float* kernel = weight.data() + (o * inputs + channel % inputs) * taps;
          const float* difference = differences.data() + item * in[2] * in[3];
          if (area == 1) {
            sums[0] += dot(kernel, difference, taps);
          } else {
            add_channel(w, kernel, conv.stride, difference, in[3], out[2], out[3], sums);
          }
        }
        for (int64_t i = 0; conv.relu && i < area; ++i) sums[i] = std::max(sums[i], 0.0f);
      }
    }
  });
}

}  // namespace hdecomp::cpu
