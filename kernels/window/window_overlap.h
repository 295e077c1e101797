/// Which cells of a window lie inside the map: the clipping that the CPU's window ops share.
#pragma once

#include <algorithm>

#include "kernels/core/window.h"

namespace hdecomp::cpu {

/// Half-open.
struct Span {
  int64_t begin, end;
  int64_t size() const { return std::max<int64_t>(end - begin, 0); }
};

/// The part of a window's axis, counted from the window's own beginning, that lies inside the map.
inline Span inside_map(const WindowAxis& axis, int64_t position) {
  const int64_t begin = axis.begin(position);
  return {std::max<int64_t>(-begin, 0), std::min(axis.size, axis.map - begin)};
}

/// Whether no cell of a window lies outside the map.
inline bool lies_inside(const Window& window, int64_t place_y, int64_t place_x) {
  return inside_map(window.y, place_y).size() == window.y.size &&
         inside_map(window.x, place_x).size() == window.x.size;
}

/// The runs of neighbouring cells of a window that lie inside the map: its rows, or all of a whole
/// window at once. body(cell of the window, cell of the map, count).
template <class Body>
void for_each_run(const Window& window, int64_t place_y, int64_t place_x, Body&& body) {
  if (window.whole()) return body(int64_t{0}, int64_t{0}, window.area());
  const Span rows = inside_map(window.y, place_y), columns = inside_map(window.x, place_x);
  if (columns.size() == 0) return;
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    body(i * window.x.size + columns.begin,
         (window.y.begin(place_y) + i) * window.x.map + window.x.begin(place_x) + columns.begin,
         columns.size());
  }
}

/// The cells i of an upper window that tap `tap` of a kernel carries to the lower window: both
/// inside the lower map and inside the lower window. Cell i lands on i * stride + shift of the
/// lower window.
struct TapSpan {
  Span above;
  int64_t shift;
};
inline TapSpan tap_span(const WindowAxis& above, const WindowAxis& below,
                        const WindowKernel& kernel, int64_t tap, int64_t position) {
  const int64_t below_begin = below.begin(position);
  const int64_t shift =
      above.begin(position) * kernel.stride - kernel.pad + tap * kernel.dilation - below_begin;
  const Span allowed = inside_map(below, position);
  // allowed.begin <= i * stride + shift < allowed.end
  const auto first_at_least = [&](int64_t bound) {
    const int64_t room = bound - shift;
    return room <= 0 ? int64_t{0} : (room + kernel.stride - 1) / kernel.stride;
  };
  return {{first_at_least(allowed.begin), std::min(above.size, first_at_least(allowed.end))},
          shift};
}

}  // namespace hdecomp::cpu
