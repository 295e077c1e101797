/// A level of windows by rows of cells: what the gradients of cell ops inside windows go over.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/cell_rules.h"
#include "kernels/core/context_cpu.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

/// A row of cells, or all of a whole map: inside both windows and the map. Places are those of the
/// first cell in the window above, in the one below, and in the map.
struct CellRow {
  int64_t above, below, map, count;
};

/// The common part of an axis: where it begins, in the map, and ends.
inline Span common_span(const WindowAxis& above, const WindowAxis& below, int64_t position) {
  const int64_t a = above.begin(position), b = below.begin(position);
  return {std::max({a, b, int64_t{0}}), std::min({a + above.size, b + below.size, above.map})};
}

template <class Body>
void for_each_row(const Window& above, const Window& below, const Place& place, Body&& body) {
  if (above.whole() && below.whole()) return body(CellRow{0, 0, 0, above.area()});
  const Span rows = common_span(above.y, below.y, place.y),
             columns = common_span(above.x, below.x, place.x);
  if (columns.size() == 0) return;
  const auto at = [&](const Window& window, int64_t i) {
    return (i - window.y.begin(place.y)) * window.x.size + columns.begin - window.x.begin(place.x);
  };
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    body(CellRow{at(above, i), at(below, i), i * above.x.map + columns.begin, columns.size()});
  }
}

/// A level's planes: of the gradient above, and of the one below that is added to.
struct RowPlanes {
  const Context& context;
  const WindowBatch& above;
  const GradientBelow& below;

  /// body(channel, place, row, gradient above, gradient below) for every row of every plane.
  template <class Body>
  void each_row(Body&& body) const {
    for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
      const float* g = above.plane(c, d);
      float* to = below.batch.plane(c, d);
      for_each_row(above.window, below.batch.window, place,
                   [&](const CellRow& row) { body(c, place, row, g + row.above, to + row.below); });
    });
  }
};

/// The gradient of a mean over the map's rectangles. Float32.
void mean_rows_backward(const RowPlanes& planes, const cell::MeanRule& rule);
/// The gradient of a layer norm over channels; `feature`: what was normed, `scale` (C).
void norm_rows_backward(const RowPlanes& planes, const CellOp& op, const Tensor& feature,
                        const Tensor& scale);

}  // namespace hdecomp::cpu
