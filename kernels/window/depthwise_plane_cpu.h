/// One channel's and decision's plane through a convolution with a group per input channel, back.
#pragma once

#include <array>
#include <span>

#include "kernels/core/pieces.h"
#include "kernels/window/plane_target_cpu.h"

namespace hdecomp::cpu {

/// One decision's way from the rows and columns above to those below: the same for all channels.
/// The plane above is spread out first: cells lie the stride apart, zeros between and around them,
/// so that column x below is the sum of w_t * spread[x + offset - t * dilation] over the taps t,
/// whatever the stride, in whole lanes from the first column inside the map on.
class DepthwisePlane {
 public:
  DepthwisePlane(const WindowKernels& kernel, const Window& above, const Window& below,
                 const Place& place)
      : kernel_(kernel), above_(above), rows_(kernel, above, below, place) {
    const int64_t shift = PlaneRows::first_tap(kernel.x, above.x, below.x, place.x);
    const Span columns = rows_.columns();
    margin_ = std::max<int64_t>(shift + kernel.x.extent() - 1 - columns.begin, 0);
    offset_ = margin_ - shift;
    const int64_t rest = columns.size() % (most_vectors * lanes);
    const int64_t end = columns.begin + columns.size() - rest + vectors_for(rest) * lanes;
    width_ = std::max(margin_ + (above.x.size - 1) * kernel.x.stride + 1, end + offset_);
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

  /// The kernel `weight` over a spread plane, through an activation.
  template <class Kind>
  void put(Kind kind, const float* weight, const float* spread, const PlaneTarget& target) const {
    const int64_t taps = kernel_.x.dilation == 1 ? kernel_.x.size : 0;
    if (taps == 3) return put_rows<3>(kind, weight, spread, target);
    if (taps == 5) return put_rows<5>(kind, weight, spread, target);
    put_rows<0>(kind, weight, spread, target);
  }

  /// Whether it writes every cell of the window.
  bool fills() const { return rows_.fill(); }

 private:
  /// Lanes that are summed side by side, so that no sum waits for the one before it.
  static constexpr int64_t most_vectors = 4;

  struct Row {
    std::span<const PlaneRows::RowTap> taps;
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
  void put_rows(Kind kind, const float* weight, const float* spread,
                const PlaneTarget& target) const {
    rows_.for_each([&](int64_t r, std::span<const PlaneRows::RowTap> row_taps) {
      const Row row{row_taps, weight, spread};
      const int64_t end = rows_.columns().end;
      for (int64_t x = rows_.columns().begin; x < end; x += most_vectors * lanes) {
        const Cell cell{r, x, end - x};
        const int64_t vectors = vectors_for(cell.count);
        if (vectors == 1) {
          put_lanes<1, taps>(kind, row, cell, target);
        } else if (vectors == 2) {
          put_lanes<2, taps>(kind, row, cell, target);
        } else {
          put_lanes<most_vectors, taps>(kind, row, cell, target);
        }
      }
    });
  }

  template <int64_t vectors, int64_t taps, class Kind>
  void put_lanes(Kind kind, const Row& row, const Cell& cell, const PlaneTarget& target) const {
    std::array<Lanes, vectors> sums{};
    const int64_t count = taps > 0 ? taps : kernel_.x.size;
    const int64_t step = taps > 0 ? 1 : kernel_.x.dilation;
    for (const PlaneRows::RowTap& each : row.taps) {
      const float* from = row.spread + each.above * width_ + cell.column + offset_;
      const float* w = row.weight + each.tap * kernel_.x.size;
      for (int64_t t = 0; t < count; ++t, from -= step) {
        for (int64_t v = 0; v < vectors; ++v) sums[v] += w[t] * load_lanes(from + v * lanes);
      }
    }
    for (int64_t v = 0; v < vectors && v * lanes < cell.count; ++v) {
      rows_.put(kind, sums[v], cell.row, cell.column + v * lanes, target);
    }
  }

  /// That are summed side by side for so many of a row's cells.
  static int64_t vectors_for(int64_t cells) {
    return cells > 2 * lanes ? most_vectors : pieces(cells, lanes);
  }

  const WindowKernels& kernel_;
  const Window& above_;
  PlaneRows rows_;
  int64_t margin_;  // zeros before the first cell of a spread row
  int64_t offset_;  // of column 0 below, for tap 0
  int64_t width_;   // of a spread row
};

}  // namespace hdecomp::cpu
