/// One channel's and decision's plane below a convolution, from the columns of its product.
#pragma once

#include <cstring>

#include "kernels/loops/pieces.h"
#include "kernels/window/plane_rows_cpu.h"

namespace hdecomp::cpu {

/// One decision's way from its cells above to those below: the same for all channels. Each row
/// below adds up all the taps that reach it, in their order, and is written once.
class GatheredPlane {
 public:
  GatheredPlane(const WindowKernels& kernel, const Window& above, const Window& below,
                const Place& place)
      : stride_(kernel.x.stride),
        taps_(kernel.x.size),
        width_(above.x.size),
        columns_(inside_map(below.x, place.x)),
        fills_(lies_inside(below, place.y, place.x)),
        rows_(kernel.y, above.y, below.y, place.y) {
    const int64_t first = first_tap(kernel.x, above.x, below.x, place.x) - columns_.begin;
    const int64_t chunks = pieces(columns_.size(), stride_ * lanes);
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      for (int64_t tap = 0; tap < taps_; ++tap) {
        reaches_.push_back(reach(first + tap * kernel.x.dilation, chunk));
      }
    }
  }

  /// Strides of more are not gathered by rows.
  static bool takes(const WindowKernels& kernel) { return kernel.x.stride <= 2; }

  /// Whether it writes every cell of the window.
  bool fills() const { return fills_; }

  /// `columns`: the channel's and decision's (taps, h, w), `step` from one tap to the next. They
  /// are readable `lanes` floats before and behind.
  template <class Kind>
  void put(Kind kind, const float* columns, int64_t step, const PlaneTarget& target) const {
    stride_ == 1 ? put_rows<1>(kind, columns, step, target)
                 : put_rows<2>(kind, columns, step, target);
  }

 private:
  /// What a tap adds to some neighbouring cells below, those of one phase where the stride is two.
  struct Reach {
    int64_t from;   // the first one's cell in its row above, which it may lie before
    LaneInts mask;  // those that lie in the row
    int64_t phase;
    bool none;  // of them
  };
  /// Of the tap that carries cell 0 above to cell `shift` of the columns below.
  Reach reach(int64_t shift, int64_t chunk) const {
    const int64_t phase = ((shift % stride_) + stride_) % stride_;
    const int64_t from = chunk * lanes - (shift - phase) / stride_;
    LaneInts mask{};
    bool none = true;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      if (from + lane < 0 || from + lane >= width_) continue;
      mask[lane] = -1;
      none = false;
    }
    return {from, mask, phase, none};
  }

  template <int64_t stride, class Kind>
  void put_rows(Kind kind, const float* columns, int64_t step, const PlaneTarget& target) const {
    rows_.for_each([&](int64_t r, std::span<const RowTaps::Tap> taps) {
      const Reach* reaches = reaches_.data();
      for (int64_t x = columns_.begin; x < columns_.end; x += stride * lanes, reaches += taps_) {
        Lanes sums[stride] = {};
        for (const RowTaps::Tap& tap : taps) {
          add_row(columns + tap.tap * taps_ * step + tap.above * width_, step, reaches, sums);
        }
        const int64_t left = columns_.end - x;
        if constexpr (stride == 1) {
          target.put(kind, sums[0], r, x, left);
        } else {
          const Lanes &a = sums[0], &b = sums[1];
          target.put(kind, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), r, x, left);
          if (left <= lanes) break;
          target.put(kind, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15), r, x + lanes,
                     left - lanes);
        }
      }
    });
  }

  /// What is not of the row above is no number of it: bits are taken away.
  template <int64_t stride>
  void add_row(const float* from, int64_t step, const Reach* reaches, Lanes (&sums)[stride]) const {
    for (int64_t tap = 0; tap < taps_; ++tap, from += step) {
      const Reach& reach = reaches[tap];
      if (reach.none) continue;
      LaneInts bits;
      std::memcpy(&bits, from + reach.from, sizeof bits);
      const auto value = reinterpret_cast<Lanes>(bits & reach.mask);
      if (stride == 1 || reach.phase == 0) {
        sums[0] += value;
      } else {
        sums[stride - 1] += value;
      }
    }
  }

  int64_t stride_, taps_;  // in a row
  int64_t width_;          // of the window above
  Span columns_;           // below, inside the map
  bool fills_;
  RowTaps rows_;
  std::vector<Reach> reaches_;  // (chunks of a row below, taps)
};

}  // namespace hdecomp::cpu
