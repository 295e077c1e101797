/// The rows of a plane below a convolution, on the CPU: which taps reach them, and where they are
/// put.
#pragma once

#include <span>
#include <type_traits>
#include <vector>

#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

/// In place of the kind of an activation below, which ends what is put: the kernel's sums are
/// multiplied by slopes first.
struct BySlopes {
  constexpr Activation operator()() const { return Activation::none; }
};

/// Where a kernel's sums go, from the window's first cell to its last; from some cell of it on.
struct PlaneTarget {
  float* plane;
  const float* feature;  // of the activation below, or slopes; null: none
  Lanes least;           // that its rule lets down
  bool sum;              // added to what is there
  int64_t width, map;    // of a row of the window, of the map
  const float* end;      // of the window

  /// `feature`: of the map.
  static PlaneTarget of(const Window& window, const Place& place, float* plane,
                        const float* feature, const Lanes& least, bool sum) {
    // The window's cell 0 in its map, which it may lie outside of.
    const int64_t first = window.y.begin(place.y) * window.x.map + window.x.begin(place.x);
    return {plane,
            feature == nullptr ? nullptr : feature + first,
            least,
            sum,
            window.x.size,
            window.x.map,
            plane + window.area()};
  }

  PlaneTarget from(int64_t row, int64_t column) const {
    PlaneTarget other = *this;
    other.plane += row * width + column;
    if (feature != nullptr) other.feature += row * map + column;
    return other;
  }

  /// `count` cells of a row, of which the first `again` were put before.
  template <class Kind>
  __attribute__((always_inline)) void put(Kind kind, Lanes value, int64_t row, int64_t column,
                                          int64_t count, int64_t again = 0) const {
    float* to = plane + row * width + column;
    const auto read = [&] { return load_some(feature + row * map + column, count); };
    if constexpr (std::is_same_v<Kind, BySlopes>) value = times(value, read());
    if (sum) {
      if (again > 0) value = first_lanes(again) ? Lanes{} : value;
      value += load_some(to, count);
    }
    if (kind() != Activation::none) value = passed(kind, value, read(), least);
    sum ? store_some(value, to, count) : store_in_order(value, to, count, end);
  }
};

/// Where the first tap carries cell 0 above.
inline int64_t first_tap(const WindowKernel& kernel, const WindowAxis& above,
                         const WindowAxis& below, int64_t position) {
  return above.begin(position) * kernel.stride - kernel.pad - below.begin(position);
}

/// The rows below that lie inside the map, and of each the rows of the kernel that reach it.
class RowTaps {
 public:
  /// A row of the kernel, and the row above that it carries.
  struct Tap {
    int64_t tap, above;
  };

  RowTaps() = default;
  RowTaps(const WindowKernel& kernel, const WindowAxis& above, const WindowAxis& below,
          int64_t position)
      : rows_(inside_map(below, position)) {
    const int64_t shift = first_tap(kernel, above, below, position);
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const size_t before = taps_.size();
      for (int64_t tap = 0; tap < kernel.size; ++tap) {
        const int64_t at = r - shift - tap * kernel.dilation;
        if (at < 0 || at % kernel.stride != 0 || at / kernel.stride >= above.size) continue;
        taps_.push_back({tap, at / kernel.stride});
      }
      counts_.push_back(taps_.size() - before);
    }
  }

  /// body(row, its taps), from the first row to the last.
  template <class Body>
  void for_each(Body&& body) const {
    const Tap* tap = taps_.data();
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const std::span<const Tap> taps(tap, counts_[r - rows_.begin]);
      body(r, taps);
      tap += taps.size();
    }
  }

 private:
  Span rows_{};
  std::vector<Tap> taps_;
  std::vector<size_t> counts_;  // of taps, for each row
};

}  // namespace hdecomp::cpu
