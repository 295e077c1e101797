/// A level of windows by rows of cells: what the gradients of ops of a single cell go over.
#pragma once

#include <algorithm>
#include <cstdint>

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

/// Zeros, mostly few: a call of memset would take longer.
inline void clear_few(float* begin, const float* end) {
  for (; begin < end; begin += lanes) store_some(Lanes{}, begin, end - begin);
}

/// A level's planes: of the gradient above, and of the one below that is written or added to. Where
/// both have one window they may lie in the same memory.
struct RowPlanes {
  const Context& context;
  const WindowBatch& above;
  const GradientBelow& below;

  /// gradient_of(channel, place, row) gives what each row's gradient becomes: a function of some
  /// neighbours (lanes, where in the row, how many).
  template <class GradientOf>
  void each_row(GradientOf&& gradient_of) const {
    each_from([](int64_t c) { return c; }, gradient_of);
  }

  /// Channels that change places: below is channel source_of(channel) above; negative: nothing.
  template <class SourceOf>
  void each_moved(SourceOf&& source_of) const {
    each_from(source_of, [](int64_t, const Place&, const CellRow&) {
      return [](const Lanes& g, int64_t, int64_t) { return g; };
    });
  }

 private:
  template <class SourceOf, class GradientOf>
  void each_from(SourceOf&& source_of, GradientOf&& gradient_of) const {
    if (above.window == below.batch.window) return each_alike(source_of, gradient_of);
    const bool sum = below.into == Accumulate::sum;
    const int64_t decisions = below.batch.decisions(), area = below.batch.window.area();
    parallel_for(context, below.batch.channels * decisions, [&](int64_t i) {
      const int64_t c = i / decisions, d = i % decisions, source = source_of(c);
      const Place& place = below.batch.places[d];
      if (source < 0 && below.own_alone) return;
      if (place.image < 0 || source < 0) return begin_plane(below, c, d), mask_plane(below, c, d);
      const float* g = above.plane(source, d);
      float* const to = below.batch.plane(c, d);
      float* filled = to;  // of a plane that is written, up to here
      for_each_row(above.window, below.batch.window, place, [&](const CellRow& row) {
        if (!sum) clear_few(filled, to + row.below);
        filled = to + row.below + row.count;
        put_row(row, gradient_of(c, place, row), g + row.above, to + row.below,
                [=](const Lanes& value, int64_t k, int64_t some) {
                  return sum ? value + load_some(to + row.below + k, some) : value;
                });
      });
      if (!sum) clear_few(filled, to + area);
      mask_plane(below, c, d);
    });
  }

  /// Each cell is read once and written once, through the activation below, too.
  template <class SourceOf, class GradientOf>
  void each_alike(SourceOf&& source_of, GradientOf&& gradient_of) const {
    const ActivationMask& mask = below.mask;
    const Lanes least = least_passed(mask.rule);
    const bool sum = below.into == Accumulate::sum;
    const auto kind_of = mask.feature == nullptr ? Activation::none : mask.activation;
    with_constant(kind_of, [&](auto kind) {
      each_plane(source_of, [&](int64_t c, int64_t d, int64_t source, const Place& place) {
        const float* g = above.plane(source, d);
        float* to = below.batch.plane(c, d);
        const float* feature =
            kind() == Activation::none ? nullptr : feature_plane(*mask.feature, place, c);
        for_each_row(above.window, above.window, place, [&](const CellRow& row) {
          put_row(row, gradient_of(c, place, row), g + row.above, to + row.below,
                  [=](Lanes value, int64_t i, int64_t some) {
                    if (sum) value += load_some(to + row.below + i, some);
                    if (kind() == Activation::none) return value;
                    return passed(kind, value, load_some(feature + row.map + i, some), least);
                  });
        });
      });
    });
  }

  /// Planes with a decision and a source; what they leave out is zero.
  template <class SourceOf, class Body>
  void each_plane(SourceOf&& source_of, Body&& body) const {
    const bool in_place = above.data.data() == below.batch.data.data();
    const int64_t decisions = below.batch.decisions();
    parallel_for(context, below.batch.channels * decisions, [&](int64_t i) {
      const int64_t c = i / decisions, d = i % decisions, source = source_of(c);
      const Place& place = below.batch.places[d];
      if (source < 0 && below.own_alone) return;
      const bool filled = in_place || lies_inside(below.batch.window, place.y, place.x);
      if (place.image < 0 || source < 0 || !filled) begin_plane(below, c, d);
      if (place.image < 0) return;
      source < 0 ? mask_plane(below, c, d) : body(c, d, source, place);
    });
  }

  template <class Gradient, class Finish>
  static void put_row(const CellRow& row, const Gradient& gradient, const float* g, float* to,
                      const Finish& finish) {
    for (int64_t i = 0; i < row.count; i += lanes) {
      const int64_t some = std::min(row.count - i, lanes);
      store_some(finish(gradient(load_some(g + i, some), i, some), i, some), to + i, some);
    }
  }
};

}  // namespace hdecomp::cpu
