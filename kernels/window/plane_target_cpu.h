/// Where the CPU's convolutions put the rows of a plane below, lanes at a time, once each: added to
/// what is there, and through the activation below.
#pragma once

#include <span>
#include <vector>

#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

/// A decision's plane of one channel, written from its first cell to its last.
struct PlaneTarget {
  float* plane;
  const float* feature;  // of the activation below; null: none
  Lanes least;           // that its rule lets down
  bool sum;              // added to what is there
};

/// The rows of a plane below that lie inside the map, and the rows above that each gets taps of:
/// the same for all channels of a decision.
class PlaneRows {
 public:
  PlaneRows(const WindowKernels& kernel, const Window& above, const Window& below,
            const Place& place)
      : below_(below),
        first_(below.y.begin(place.y) * below.x.map + below.x.begin(place.x)),
        columns_(inside_map(below.x, place.x)),
        rows_(inside_map(below.y, place.y)),
        fills_(lies_inside(below, place.y, place.x)) {
    const int64_t shift = first_tap(kernel.y, above.y, below.y, place.y);
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const size_t before = taps_.size();
      for (int64_t tap = 0; tap < kernel.y.size; ++tap) {
        const int64_t at = r - shift - tap * kernel.y.dilation;
        if (at < 0 || at % kernel.y.stride != 0 || at / kernel.y.stride >= above.y.size) continue;
        taps_.push_back({tap, at / kernel.y.stride});
      }
      counts_.push_back(taps_.size() - before);
    }
  }

  /// Where the first tap carries cell 0 above.
  static int64_t first_tap(const WindowKernel& kernel, const WindowAxis& above,
                           const WindowAxis& below, int64_t position) {
    return above.begin(position) * kernel.stride - kernel.pad - below.begin(position);
  }

  /// Whether they are all of the window's cells.
  bool fill() const { return fills_; }
  /// Of a row, inside the map.
  const Span& columns() const { return columns_; }

  /// A row of the kernel, and the row above that it carries.
  struct RowTap {
    int64_t tap, above;
  };
  /// body(row, its taps), from the first row to the last.
  template <class Body>
  void for_each(Body&& body) const {
    const RowTap* tap = taps_.data();
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const std::span<const RowTap> taps(tap, counts_[r - rows_.begin]);
      body(r, taps);
      tap += taps.size();
    }
  }

  /// Finished sums of the cells from `column` on, as many as the row still has.
  template <class Kind>
  void put(Kind kind, Lanes value, int64_t row, int64_t column, const PlaneTarget& target) const {
    const int64_t some = std::min(columns_.end - column, lanes);
    float* to = target.plane + row * below_.x.size + column;
    if (target.sum) value += load_some(to, some);
    if (kind() != Activation::none) {
      const float* feature = target.feature + first_ + row * below_.x.map + column;
      value = passed(kind, value, load_some(feature, some), target.least);
    }
    if (target.sum) {
      store_some(value, to, some);
    } else {
      store_in_order(value, to, some, target.plane + below_.area());
    }
  }

 private:
  const Window& below_;
  int64_t first_;        // the window's cell 0 in its map, which it may lie outside of
  Span columns_, rows_;  // of the window below, inside the map
  bool fills_;
  std::vector<RowTap> taps_;
  std::vector<size_t> counts_;  // of taps, for each row
};

}  // namespace hdecomp::cpu
