/// Grouped convolution cut into rows and vectors of output channels.
#include "kernels/conv/grouped_conv_cpu.h"

#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/loops/register_tile_cpu.h"

namespace hdecomp::cpu {

using namespace grouped_rows;

bool GroupedConv::suits(const ConvSpec& spec) {
  const int64_t group = spec.in_channels / spec.groups;
  return register_tile::is_wide() && spec.groups > 1 && spec.in_channels == spec.out_channels &&
         spec.in_channels >= lanes && (group == 4 || group == 8 || group % lanes == 0) &&
         group <= most_group && spec.dilation_h == 1 && spec.dilation_w == 1;
}

GroupedConv::GroupedConv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                         WeightStore* store)
    : context_(context), spec_(spec) {
  constexpr int64_t ours = -5;  // the first word of no other layout's key
  weights_ = WeightStore::get_from(store, {weight.data(), {ours, spec.groups}}, weight_bytes(),
                                   [&](float* to) { fill(weight, to); });
}

int64_t GroupedConv::vectors() const { return pieces(spec_.out_channels, lanes); }

int64_t GroupedConv::first_channel(int64_t vector) const {
  return std::min(vector * lanes, spec_.out_channels - lanes);
}

int64_t GroupedConv::weight_bytes() const {
  const int64_t taps = spec_.kernel_h * spec_.kernel_w;
  return vectors() * taps * group() * lanes * static_cast<int64_t>(sizeof(float));
}

void GroupedConv::fill(const Tensor& weight, float* to) const {
  const int64_t taps = spec_.kernel_h * spec_.kernel_w;
  parallel_for(context_, vectors(), [&](int64_t vector) {
    float* own = to + vector * taps * group() * lanes;
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t i = 0; i < group(); ++i) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
          const int64_t row = first_channel(vector) + lane;
          *own++ = weight.data()[(row * group() + i) * taps + tap];
        }
      }
    }
  });
}

void GroupedConv::run_row(const Channels& channels, int64_t y, Row row) const {
  const KernelAxis axis = spec_.y();
  const int64_t top = y * axis.stride - axis.pad;
  row.y = std::max<int64_t>(top, 0);
  row.first_tap = row.y - top;
  row.taps = std::min(top + axis.extent(), spec_.height) - row.y;
  const int64_t width = spec_.out_width(), at_once = pieces(width, pieces(width, cells));
  for (int64_t x = 0; x < width; x += row.count) {
    row.count = std::min(at_once, width - x);
    row.x = x * spec_.stride_w - spec_.pad_w;
    grouped_rows::run(channels, row);
    row.to += row.count * row.step;
  }
}

void GroupedConv::run(const float* from, const float* bias, float* to) const {
  // Rows of large maps stay with the thread whose cache has them, weights of small ones.
  constexpr int64_t rows_of_part = 14;
  const int64_t height = spec_.out_height(), parts = pieces(height, rows_of_part);
  const int64_t channels = spec_.out_channels, row_floats = spec_.out_width() * channels;
  parallel_runs(context_, parts * vectors(), [&](int64_t task) {
    const int64_t part = task / vectors(), vector = task % vectors();
    const int64_t first = first_channel(vector), skipped = vector * lanes - first;
    const int64_t taps = spec_.kernel_h * spec_.kernel_w;
    const Channels own{from + (group() < lanes ? first : first / group() * group()),
                       spec_.width,
                       channels,
                       weights_.get() + vector * taps * group() * lanes,
                       group(),
                       spec_.kernel_w,
                       spec_.stride_w,
                       bias + first,
                       spec_.activation};
    for (int64_t y = height * part / parts; y < height * (part + 1) / parts; ++y) {
      Row row{};
      row.to = to + y * row_floats + first, row.step = channels, row.skipped = skipped;
      run_row(own, y, row);
    }
  });
}

}  // namespace hdecomp::cpu
