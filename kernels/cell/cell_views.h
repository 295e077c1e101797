/// How the formulas of cell ops read maps and gradients: the same on host and device, as nvcc
/// compiles constexpr functions for both.
#pragma once

#include <cstdint>

#include "kernels/core/tensor.h"
#include "kernels/core/to_int.h"
#include "kernels/window/window_batch.h"

namespace hdecomp::cell {

/// Maps (n, c, h, w); a step is 0 where one channel, or one cell, stands for all.
struct Maps {
  const float* data = nullptr;
  int64_t image_step = 0, channel_step = 0;
  int row_step = 0, column_step = 0;

  Maps() = default;
  /// Beside maps of `channels` and `cells`.
  Maps(const Tensor& maps, int64_t channels, int64_t cells) : data(maps.data()) {
    const Shape& shape = maps.shape();
    const int64_t plane = shape[2] * shape[3];
    image_step = shape[1] * plane;
    if (shape[1] > 1 || channels == 1) channel_step = plane;
    if (plane > 1 || cells == 1) row_step = to_int(shape[3]), column_step = 1;
  }
  explicit Maps(const Tensor& maps)
      : Maps(maps, maps.shape()[1], maps.shape()[2] * maps.shape()[3]) {}

  constexpr float at(int image, int channel, int y, int x) const {
    return data[image * image_step + channel * channel_step + int64_t{y} * row_step +
                x * column_step];
  }
};

/// A decision: its number in its batch, and its place.
struct Decision {
  int64_t number;
  int image, channel, y, x;
};

/// One axis of windows, as WindowAxis.
struct AboveAxis {
  int stride, offset, size, map;

  explicit AboveAxis(const WindowAxis& axis)
      : stride(to_int(axis.stride)),
        offset(to_int(axis.offset)),
        size(to_int(axis.size)),
        map(to_int(axis.map)) {}
  constexpr int begin(int position) const { return position * stride - offset; }
};

/// The gradient above, by the cells of its map.
struct Above {
  const float* data;  // null: one-hot
  int64_t channel_step, decision_step;
  int first_channel;
  AboveAxis y, x;

  explicit Above(const WindowBatch& batch)
      : data(batch.one_hot ? nullptr : batch.data.data()),
        channel_step(batch.decisions() * batch.window.area()),
        decision_step(batch.window.area()),
        first_channel(to_int(batch.first_channel)),
        y(batch.window.y),
        x(batch.window.x) {}

  /// 0 outside the decision's window.
  constexpr float at(const Decision& d, int channel, int map_y, int map_x) const {
    const int i = map_y - y.begin(d.y), j = map_x - x.begin(d.x);
    if (i < 0 || i >= y.size || j < 0 || j >= x.size) return 0;
    if (data == nullptr) return channel == d.channel - first_channel ? 1.0f : 0.0f;
    return data[channel * channel_step + d.number * decision_step + int64_t{i} * x.size + j];
  }
};

/// Half-open.
struct Cells {
  int begin, end;
};
/// The cells of an axis inside both the decision's window and the map.
constexpr Cells cells_of(const AboveAxis& axis, int position) {
  const int begin = axis.begin(position), end = begin + axis.size;
  return {begin > 0 ? begin : 0, end < axis.map ? end : axis.map};
}

}  // namespace hdecomp::cell
