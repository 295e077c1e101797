/// One channel's and decision's plane through a convolution with a group per input channel, back.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "kernels/core/pieces.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

/// One decision's way from the rows and columns above to those below: the same for all channels.
/// The plane above is spread out first: cells lie the stride apart, zeros between and around them,
/// so that column x below is the sum of w_t * spread[x + offset - t * dilation] over the taps t,
/// whatever the stride, in whole lanes from the first column inside the map on.
class DepthwisePlane {
 public:
  DepthwisePlane(const WindowKernels& kernel, const Window& above, const Window& below,
                 const Place& place)
      : kernel_(kernel),
        above_(above),
        below_(below),
        first_(below.y.begin(place.y) * below.x.map + below.x.begin(place.x)),
        columns_(inside_map(below.x, place.x)),
        rows_(inside_map(below.y, place.y)),
        fills_(lies_inside(below, place.y, place.x)) {
    const int64_t shift = first_tap(kernel.x, above.x, below.x, place.x);
    margin_ = std::max<int64_t>(shift + kernel.x.extent() - 1 - columns_.begin, 0);
    offset_ = margin_ - shift;
    const int64_t rest = columns_.size() % (most_vectors * lanes);
    const int64_t end = columns_.begin + columns_.size() - rest + vectors_for(rest) * lanes;
    width_ = std::max(margin_ + (above.x.size - 1) * kernel.x.stride + 1, end + offset_);
    find_rows(first_tap(kernel.y, above.y, below.y, place.y));
  }

  /// Floats of a spread plane, and of what is written behind its last cell.
  int64_t floats() const { return above_.y.size * width_ + 2 * lanes; }

  void spread(const float* from, float* to) const {
    std::fill_n(to, above_.y.size * width_, 0.0f);
    const int64_t count = above_.x.size;
    for (int64_t i = 0; i < above_.y.size; ++i, from += count) {
      spread_row(from, count, to + i * width_ + margin_);
    }
  }

  /// Where a kernel's sums go, from its first cell to its last.
  struct Target {
    float* plane;
    const float* feature;  // of the activation below; null: none
    Lanes least;           // that its rule lets down
    bool sum;              // added to what is there
  };

  /// The kernel `weight` over a spread plane, through an activation.
  template <class Kind>
  void put(Kind kind, const float* weight, const float* spread, const Target& target) const {
    const int64_t taps = kernel_.x.dilation == 1 ? kernel_.x.size : 0;
    if (taps == 3) return put_rows<3>(kind, weight, spread, target);
    if (taps == 5) return put_rows<5>(kind, weight, spread, target);
    put_rows<0>(kind, weight, spread, target);
  }

  /// Whether it writes every cell of the window.
  bool fills() const { return fills_; }

 private:
  /// Lanes that are summed side by side, so that no sum waits for the one before it.
  static constexpr int64_t most_vectors = 4;

  /// A row of the kernel, and the row above that it carries.
  struct RowTap {
    int64_t tap, above;
  };

  struct Row {
    std::span<const RowTap> taps;
    const float* weight;
    const float* spread;
  };

  /// Neighbours in a row of the window.
  struct Cell {
    int64_t row, column, count;
  };

  /// What it writes behind the row is zero.
  void spread_row(const float* from, int64_t count, float* row) const {
    const int64_t stride = kernel_.x.stride;
    if (stride > 2) {
      for (int64_t j = 0; j < count; ++j) row[j * stride] = from[j];
      return;
    }
    for (int64_t j = 0; j < count; j += lanes) {
      const Lanes value = load_some(from + j, count - j), zero{};
      float* to = row + j * stride;
      if (stride == 1) {
        store_lanes(value, to);
      } else {
        store_lanes(__builtin_shufflevector(value, zero, 0, 8, 1, 8, 2, 8, 3, 8), to);
        store_lanes(__builtin_shufflevector(value, zero, 4, 8, 5, 8, 6, 8, 7, 8), to + lanes);
      }
    }
  }

  /// `taps`: of a row of the kernel, next to each other; 0: any.
  template <int64_t taps, class Kind>
  void put_rows(Kind kind, const float* weight, const float* spread, const Target& target) const {
    const RowTap* tap = taps_.data();
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const Row row{{tap, static_cast<size_t>(counts_[r - rows_.begin])}, weight, spread};
      for (int64_t x = columns_.begin; x < columns_.end; x += most_vectors * lanes) {
        const Cell cell{r, x, columns_.end - x};
        const int64_t vectors = vectors_for(cell.count);
        if (vectors == 1) {
          put_lanes<1, taps>(kind, row, cell, target);
        } else if (vectors == 2) {
          put_lanes<2, taps>(kind, row, cell, target);
        } else {
          put_lanes<most_vectors, taps>(kind, row, cell, target);
        }
      }
      tap += std::ssize(row.taps);
    }
  }

  template <int64_t vectors, int64_t taps, class Kind>
  void put_lanes(Kind kind, const Row& row, const Cell& cell, const Target& target) const {
    std::array<Lanes, vectors> sums{};
    const int64_t count = taps > 0 ? taps : kernel_.x.size;
    const int64_t step = taps > 0 ? 1 : kernel_.x.dilation;
    for (const RowTap& each : row.taps) {
      const float* from = row.spread + each.above * width_ + cell.column + offset_;
      const float* w = row.weight + each.tap * kernel_.x.size;
      for (int64_t t = 0; t < count; ++t, from -= step) {
        for (int64_t v = 0; v < vectors; ++v) sums[v] += w[t] * load_lanes(from + v * lanes);
      }
    }
    float* to = target.plane + cell.row * below_.x.size + cell.column;
    const int64_t in_map = first_ + cell.row * below_.x.map + cell.column;
    for (int64_t v = 0; v < vectors && v * lanes < cell.count; ++v) {
      const int64_t some = std::min(cell.count - v * lanes, lanes), at = v * lanes;
      Lanes value = sums[v];
      if (target.sum) value += load_some(to + at, some);
      if (kind() != Activation::none) {
        value = passed(kind, value, load_some(target.feature + in_map + at, some), target.least);
      }
      if (target.sum) {
        store_some(value, to + at, some);
      } else {
        store_in_order(value, to + at, some, target.plane + below_.area());
      }
    }
  }

  /// Where the first tap carries cell 0 above.
  static int64_t first_tap(const WindowKernel& kernel, const WindowAxis& above,
                           const WindowAxis& below, int64_t position) {
    return above.begin(position) * kernel.stride - kernel.pad - below.begin(position);
  }

  /// That are summed side by side for so many of a row's cells.
  static int64_t vectors_for(int64_t cells) {
    return cells > 2 * lanes ? most_vectors : pieces(cells, lanes);
  }

  void find_rows(int64_t shift) {
    for (int64_t r = rows_.begin; r < rows_.end; ++r) {
      const size_t before = taps_.size();
      for (int64_t tap = 0; tap < kernel_.y.size; ++tap) {
        const int64_t at = r - shift - tap * kernel_.y.dilation;
        if (at < 0 || at % kernel_.y.stride != 0 || at / kernel_.y.stride >= above_.y.size)
          continue;
        taps_.push_back({tap, at / kernel_.y.stride});
      }
      counts_.push_back(std::ssize(taps_) - static_cast<int64_t>(before));
    }
  }

  const WindowKernels& kernel_;
  const Window &above_, &below_;
  int64_t first_;        // the window's cell 0 in its map, which it may lie outside of
  Span columns_, rows_;  // of the window below, inside the map
  bool fills_;
  int64_t margin_;  // zeros before the first cell of a spread row
  int64_t offset_;  // of column 0 below, for tap 0
  int64_t width_;   // of a spread row
  std::vector<RowTap> taps_;
  std::vector<int64_t> counts_;  // of taps, for each row
};

}  // namespace hdecomp::cpu
