/// The order of cells, and few channels copied behind each other.
#include "kernels/plain/cells.h"

#include <algorithm>

namespace hdecomp::plain {
namespace {

/// Under one row of taps, from a channel on; returns where the next row goes.
float* gather_row(const Geometry& g, const Operands& operands, const Cell& at, int64_t y,
                  int64_t channel, float* to) {
  const int64_t each = g.from_each(), row = g.x.taps * each;
  const auto channels = [&](int64_t x) {
    return operands.from + g.from_cell(at.image, y, x) * g.from_channels + channel;
  };
  if (y < 0) return std::fill_n(to, row, 0.0f);
  const bool lies_so = g.groups == 1 && !g.back() && g.x.reach == 1;
  const int64_t first = g.x.at(at.x, 0);
  if (lies_so && first >= 0 && g.x.at(at.x, g.x.taps - 1) >= 0) {
    return std::copy_n(channels(first), row, to);
  }
  for (int64_t s = 0; s < g.x.taps; ++s) {
    const int64_t x = g.x.at(at.x, s);
    to = x < 0 ? std::fill_n(to, each, 0.0f) : std::copy_n(channels(x), each, to);
  }
  return to;
}

}  // namespace

Cell cell_of(const Geometry& g, int64_t i) {
  const int64_t area = g.y.to * g.x.to;
  const int64_t image = i / area;
  int64_t left = i % area;
  if (!g.back() || (g.y.stride == 1 && g.x.stride == 1)) {
    return {image, left / g.x.to, left % g.x.to};
  }
  for (int64_t phase = 0;; ++phase) {
    const int64_t y = phase / g.x.stride, x = phase % g.x.stride;
    const int64_t height = pieces(g.y.to - y, g.y.stride);
    const int64_t width = pieces(g.x.to - x, g.x.stride);
    const int64_t count = std::max<int64_t>(height, 0) * std::max<int64_t>(width, 0);
    if (left < count) {
      return {image, y + left / width * g.y.stride, x + left % width * g.x.stride};
    }
    left -= count;
  }
}

void gather_cell(const Geometry& g, const Operands& operands, const Cell& at, int64_t group,
                 float* to) {
  for (int64_t r = 0; r < g.y.taps; ++r) {
    to = gather_row(g, operands, at, g.y.at(at.y, r), group * g.from_each(), to);
  }
}

}  // namespace hdecomp::plain
