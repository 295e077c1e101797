/// Gradients of means over the map inside windows, row by row.
#include <algorithm>

#include "kernels/cell/cell_rows_cpu.h"

namespace hdecomp::cpu {
namespace {

/// A mean's gradient: each row above, shared out along the map's row, goes to the rows it covers.
class MeanRows {
 public:
  MeanRows(const RowPlanes& planes, const cell::MeanRule& rule) : planes_(planes), rule_(rule) {}

  void run() {
    const int64_t width = below().x.map;
    planes_.context.cpu().reserve_scratch(planes_.context.threads() * width *
                                          static_cast<int64_t>(sizeof(float)));
    auto* rows = reinterpret_cast<float*>(planes_.context.cpu().scratch());
    for_each_plane_below(
        planes_.context, planes_.below, [&](int64_t c, int64_t d, const Place& place) {
          add_plane(planes_.above.plane(c, d), place, rows + omp_get_thread_num() * width,
                    planes_.below.batch.plane(c, d));
        });
  }

 private:
  const Window& above() const { return planes_.above.window; }
  const Window& below() const { return planes_.below.batch.window; }

  /// `row`: of the whole map below.
  void add_plane(const float* g, const Place& place, float* row, float* to) const {
    const Span rows = inside_map(above().y, place.y), columns = inside_map(above().x, place.x);
    const int64_t top = above().y.begin(place.y), left = above().x.begin(place.x);
    const Span to_rows = map_span(below().y, place.y), to_columns = map_span(below().x, place.x);
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      std::fill(row + to_columns.begin, row + std::max(to_columns.begin, to_columns.end), 0.0f);
      for (int64_t j = columns.begin; j < columns.end; ++j) {
        const cell::Cells covered = rule_.x.inside(to_int(left + j));
        const float share =
            g[i * above().x.size + j] * rule_.share(to_int(top + i), to_int(left + j));
        for (int64_t q = std::max<int64_t>(covered.begin, to_columns.begin);
             q < std::min<int64_t>(covered.end, to_columns.end); ++q) {
          row[q] += share;
        }
      }
      add_to_rows(rule_.y.inside(to_int(top + i)), to_rows, to_columns, place, row, to);
    }
  }

  void add_to_rows(const cell::Cells& covered, const Span& rows, const Span& columns,
                   const Place& place, const float* row, float* to) const {
    const int64_t first_y = below().y.begin(place.y), first_x = below().x.begin(place.x);
    for (int64_t r = std::max<int64_t>(covered.begin, rows.begin);
         r < std::min<int64_t>(covered.end, rows.end); ++r) {
      float* target = to + (r - first_y) * below().x.size - first_x;
#pragma omp simd
      for (int64_t q = columns.begin; q < columns.end; ++q) target[q] += row[q];
    }
  }

  /// The window's cells that are inside, counted in the map.
  static Span map_span(const WindowAxis& axis, int64_t position) {
    const Span inside = inside_map(axis, position);
    return {inside.begin + axis.begin(position), inside.end + axis.begin(position)};
  }

  const RowPlanes& planes_;
  const cell::MeanRule& rule_;
};

}  // namespace

void mean_rows_backward(const RowPlanes& planes, const cell::MeanRule& rule) {
  MeanRows(planes, rule).run();
}

}  // namespace hdecomp::cpu
