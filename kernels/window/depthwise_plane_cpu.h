/// One channel's and decision's plane through a convolution with a group per input channel, back.
#pragma once

#include <span>
#include <vector>

#include "kernels/loops/pieces.h"
#include "kernels/window/depthwise_rows_cpu.h"

namespace hdecomp::cpu {

/// One decision's way from the rows and columns above to those below: the same for all channels.
/// The plane above is spread out first, with zeros around its rows: column x below is the sum of
/// the taps over the cells up to x, back from it; nothing is asked at a row's ends. Small square
/// kernels of stride 1 and 2 go by blocks of rows; of any other the cells lie the stride apart.
class DepthwisePlane {
 public:
  DepthwisePlane(const WindowKernels& kernel, const Window& above, const Window& below,
                 const Place& place)
      : kernel_(kernel),
        above_(above),
        columns_(inside_map(below.x, place.x)),
        rows_(inside_map(below.y, place.y)),
        fills_(lies_inside(below, place.y, place.x)),
        shift_y_(first_tap(kernel.y, above.y, below.y, place.y)),
        shift_x_(first_tap(kernel.x, above.x, below.x, place.x)) {
    const bool halved = in_blocks_ && kernel.x.stride == 2;
    const int64_t back = (kernel.x.extent() - 1) / (halved ? 2 : 1);
    margin_ = std::max<int64_t>(back - cell(columns_.begin, halved), 0);
    const int64_t last = std::max((above.x.size - 1) * apart_, cell(columns_.end, halved));
    width_ = margin_ + last + 1;
    if (!in_blocks_) row_taps_ = RowTaps(kernel.y, above.y, below.y, place.y);
  }

  /// Floats of a spread plane, and of what is read and written behind its last cell.
  int64_t floats() const { return above_.y.size * width_ + 2 * lanes; }

  void spread(const float* from, float* to) const {
    const int64_t rows = above_.y.size, count = above_.x.size, width = width_;
    const int64_t margin = margin_, apart = apart_, behind = margin + in_whole(count, lanes);
    for (int64_t i = 0; i < rows; ++i, from += count, to += width) {
      if (apart > 1) {
        std::fill_n(to, width, 0.0f);
        for (int64_t j = 0; j < count; ++j) to[margin + j * apart] = from[j];
        continue;
      }
      for (int64_t j = 0; j < margin; j += lanes) store_lanes(Lanes{}, to + j);
      for (int64_t j = 0; j < count; j += lanes) {
        store_lanes(load_some(from + j, count - j), to + margin + j);
      }
      for (int64_t j = behind; j < width; j += lanes) store_lanes(Lanes{}, to + j);
    }
  }

  /// The kernel `weight` over a spread plane, through an activation; several where it goes by
  /// blocks.
  template <class Kind>
  void put(Kind kind, const float* weight, const float* spread, const PlaneTarget& target,
           const PlanesAbove& planes = {}) const {
    if (!in_blocks_) return put_rows(kind, weight, spread, target);
    const bool halved = kernel_.x.stride == 2;
    switch (kernel_.x.size) {
      case 3:
        return halved ? put_blocks<3, 2>(kind, weight, spread, planes, target)
                      : put_blocks<3, 1>(kind, weight, spread, planes, target);
      case 5:
        return halved ? put_blocks<5, 2>(kind, weight, spread, planes, target)
                      : put_blocks<5, 1>(kind, weight, spread, planes, target);
      default:
        return halved ? put_blocks<7, 2>(kind, weight, spread, planes, target)
                      : put_blocks<7, 1>(kind, weight, spread, planes, target);
    }
  }

  static bool has_blocks(const WindowKernels& kernel) {
    const WindowKernel& k = kernel.x;
    const bool small = k.size == 3 || k.size == 5 || k.size == 7;
    return kernel.y == k && k.dilation == 1 && k.stride <= 2 && small;
  }

  /// Whether it writes every cell of the window.
  bool fills() const { return fills_; }

 private:
  /// Rows by fours, in each of them whole vectors, of which the last two may share columns.
  template <int taps, int stride, class Kind>
  void put_blocks(Kind kind, const float* weight, const float* spread, const PlanesAbove& planes,
                  const PlaneTarget& target) const {
    constexpr int64_t whole = lanes * stride;
    const int64_t end = columns_.end, last = std::max(columns_.begin, end - whole);
    // A block's first row takes the even taps: one that is not there may come before it.
    const int64_t top = rows_.begin - ((rows_.begin - shift_y_) & (stride - 1));
    for (int64_t y = top; y < rows_.end; y += block_rows) {
      int64_t x = columns_.begin;
      for (; stride == 1 && x + whole < end; x += 2 * whole) {
        const int64_t next = std::min(x + whole, last), again = x + whole - next;
        cpu::put_block<taps, 1, stride == 1 ? 2 : 1>(
            kind, weight, block<taps, 1>(spread, y, x, next - x, again), planes, target.from(y, x));
      }
      for (; x < end; x += whole) {
        const int64_t at = std::min(x, last);
        cpu::put_block<taps, stride, 1>(kind, weight, block<taps, stride>(spread, y, at, 0, x - at),
                                        planes, target.from(y, at));
      }
    }
  }

  template <int taps, int stride>
  DepthwiseBlock block(const float* spread, int64_t y, int64_t x, int64_t gap,
                       int64_t again) const {
    const int64_t first = (y - shift_y_ - (taps - 1)) / stride;  // row above
    const float* row = spread + first * width_ + margin_;
    return {row + cell(x + stride - 1, stride == 2),
            row + cell(x, stride == 2),
            width_,
            {-first, above_.y.size - first},
            {rows_.begin - y, rows_.end - y},
            columns_.end - x,
            gap,
            again,
            ((x - shift_x_) & (stride - 1)) != 0};
  }

  /// Any kernel, row by row.
  template <class Kind>
  void put_rows(Kind kind, const float* weight, const float* spread,
                const PlaneTarget& target) const {
    row_taps_.for_each([&](int64_t r, std::span<const RowTaps::Tap> taps) {
      for (int64_t x = columns_.begin; x < columns_.end; x += lanes) {
        Lanes sum{};
        for (const RowTaps::Tap& each : taps) {
          const float* from = spread + each.above * width_ + margin_ + cell(x, false);
          const float* w = weight + each.tap * kernel_.x.size;
          for (int64_t t = 0; t < kernel_.x.size; ++t, from -= kernel_.x.dilation) {
            sum += w[t] * load_lanes(from);
          }
        }
        target.put(kind, sum, r, x, columns_.end - x);
      }
    });
  }

  /// The spread cell that tap 0 carries to column x; `halved`: or the one before it.
  int64_t cell(int64_t x, bool halved) const { return (x - shift_x_) >> (halved ? 1 : 0); }

  const WindowKernels& kernel_;
  const Window& above_;
  Span columns_, rows_;  // of the window below, inside the map
  bool fills_;
  int64_t shift_y_, shift_x_;  // where the first tap carries cell 0 above
  bool in_blocks_ = has_blocks(kernel_);
  int64_t apart_ = in_blocks_ ? 1 : kernel_.x.stride;  // cells of a spread row
  int64_t margin_;                                     // zeros before the first of them
  int64_t width_;                                      // of a spread row
  RowTaps row_taps_;                                   // where it does not go by blocks
};

}  // namespace hdecomp::cpu
