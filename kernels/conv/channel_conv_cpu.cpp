/// channel_conv on the CPU: the inputs of every cell beside each other, tap by tap; where an output
/// is one cell, a dot product.
#include <algorithm>

#include "kernels/conv/channel_conv.h"
#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/dots_cpu.h"
#include "kernels/product/narrow_weights_cpu.h"

namespace hdecomp::cpu {
namespace {

// Neighbouring outputs of a task: their weights are read item after item, in the order that they
// lie in memory, since an item's channel lies behind the last one's.
constexpr int64_t task_planes = 16;
// Outputs of one cell that are computed together.
constexpr int dot_rows = 4;
// Vectors of sums that stay in registers, and their cells.
constexpr int64_t most_vectors = 4, most_cells = most_vectors * lanes;

/// `to`[0, count) = activation(`base` + sum over taps of weight * columns), columns `step` apart.
template <int64_t V, class Number>
void add_taps(const Number* weight, const float* columns, int64_t taps, int64_t step,
              const float* base, int64_t count, Activation activation, float* to) {
  float cells[V * lanes] = {};
  std::copy_n(base, count, cells);
  Lanes sums[V];
  for (int64_t v = 0; v < V; ++v) sums[v] = load_lanes(cells + v * lanes);
  for (int64_t tap = 0; tap < taps; ++tap, columns += step) {
    for (int64_t v = 0; v < V; ++v) sums[v] += float{weight[tap]} * load_lanes(columns + v * lanes);
  }
  for (int64_t v = 0; v < V; ++v) store_lanes(sums[v], cells + v * lanes);
  for (int64_t i = 0; i < count; ++i) to[i] = activated(activation, cells[i]);
}

/// Over numbers of the weight that are floats or Bf16.
template <class Number>
class ChannelConvCpu {
 public:
  ChannelConvCpu(const ChannelConv& conv, const Tensor& weight, const Number* numbers,
                 const Tensor& base, const Tensor& differences, Tensor& y)
      : conv_(conv),
        weight_(weight),
        numbers_(numbers),
        base_(base),
        differences_(differences),
        y_(y) {}

  void run(const Context& context) {
    if (area_ > 1) gather(context);
    parallel_for(context, pieces(planes_, task_planes), [&](int64_t task) {
      const int64_t first = task * task_planes, end = std::min(first + task_planes, planes_);
      if (area_ == 1) {
        for (int64_t o = first; o < end; o += dot_rows) {
          for (int64_t item = 0; item < items_; ++item) {
            put_cells(item, o, std::min<int64_t>(dot_rows, end - o));
          }
        }
      } else {
        for (int64_t item = 0; item < items_; ++item) {
          for (int64_t o = first; o < end; ++o) put_map(item, o);
        }
      }
    });
  }

 private:
  /// Columns (items, taps, step): each tap's input under every cell.
  void gather(const Context& context) {
    const Shape &w = weight_.shape(), &in = differences_.shape(), &out = y_.shape();
    context.cpu().reserve_scratch(items_ * taps_ * step_ * static_cast<int64_t>(sizeof(float)));
    columns_ = reinterpret_cast<float*>(context.cpu().scratch());
    parallel_for(context, items_ * taps_, [&](int64_t i) {
      const int64_t r = i % taps_ / w[3], s = i % w[3];
      const float* map = differences_.data() + i / taps_ * in[2] * in[3];
      float* to = columns_ + i * step_;
      for (int64_t y = 0; y < out[2]; ++y) {
        const float* from = map + (y * conv_.stride + r) * in[3] + s;
        for (int64_t x = 0; x < out[3]; ++x) *to++ = from[x * conv_.stride];
      }
      std::fill_n(to, step_ - area_, 0.0f);
    });
  }

  /// The kernel between an item's channel and an output; null where there is none.
  const Number* kernel(int64_t item, int64_t output) const {
    const int64_t channel = conv_.first + item, inputs = weight_.shape()[1];
    const int64_t outputs = planes_ / conv_.groups;
    if (channel >= conv_.channels || channel / inputs != output / outputs) return nullptr;
    return numbers_ + (output * inputs + channel % inputs) * taps_;
  }

  void put_cells(int64_t item, int64_t output, int64_t rows) {
    const float* difference = differences_.data() + item * taps_;
    const Number *first = kernel(item, output), *last = kernel(item, output + rows - 1);
    float sums[dot_rows] = {};
    if (rows == dot_rows && first && last) {
      dots<dot_rows, 1>(first, weight_.shape()[1] * taps_, difference, taps_,
                        [&](int r, int) -> float& { return sums[r]; });
    } else {
      for (int64_t r = 0; r < rows; ++r) {
        const Number* row = kernel(item, output + r);
        if (!row) continue;
        dots<1, 1>(row, 0, difference, taps_, [&](int, int) -> float& { return sums[r]; });
      }
    }
    float* to = y_.data() + item * planes_ + output;
    for (int64_t r = 0; r < rows; ++r) {
      const float value = base_.data()[output + r] + sums[r];
      to[r] = activated(conv_.activation, value);
    }
  }

  void put_map(int64_t item, int64_t output) {
    const Number* weight = kernel(item, output);
    const float* columns = columns_ + item * taps_ * step_;
    const float* base = base_.data() + output * area_;
    float* to = y_.data() + (item * planes_ + output) * area_;
    for (int64_t cell = 0; cell < area_; cell += most_cells) {
      const int64_t count = std::min(most_cells, area_ - cell);
      const auto add = count <= lanes       ? add_taps<1, Number>
                       : count <= 2 * lanes ? add_taps<2, Number>
                                            : add_taps<most_vectors, Number>;
      add(weight, columns + cell, weight ? taps_ : 0, step_, base + cell, count, conv_.activation,
          to + cell);
    }
  }

  const ChannelConv& conv_;
  const Tensor& weight_;
  const Number* numbers_;
  const Tensor &base_, &differences_;
  Tensor& y_;
  const int64_t items_ = y_.shape()[0], planes_ = y_.shape()[1];
  const int64_t area_ = y_.shape()[2] * y_.shape()[3];
  const int64_t taps_ = weight_.shape()[2] * weight_.shape()[3];
  const int64_t step_ = in_whole(area_, most_cells);
  float* columns_ = nullptr;
};

}  // namespace

void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y) {
  with_numbers(weight, find_narrow(context, weight), [&](const auto* numbers) {
    ChannelConvCpu(conv, weight, numbers, base, differences, y).run(context);
  });
}

}  // namespace hdecomp::cpu
