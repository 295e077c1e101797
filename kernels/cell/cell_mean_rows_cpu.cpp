/// Gradients of means over the map inside windows, row by row.
#include <algorithm>

#include "kernels/cell/cell_rows_cpu.h"

namespace hdecomp::cpu {
namespace {

/// A mean's gradient: each row above, shared out along the map's row, goes to the rows it covers.
class MeanRows {
 public:
  MeanRows(const RowPlanes& planes, const cell::MeanRule& rule)
      : planes_(planes),
        rule_(rule),
        margin_(rule.x.size),
        floats_(below().x.map + 2 * above().x.map + 2 * margin_) {}

  void run() {
    planes_.context.cpu().reserve_scratch(planes_.context.threads() * floats_ *
                                          static_cast<int64_t>(sizeof(float)));
    auto* all = reinterpret_cast<float*>(planes_.context.cpu().scratch());
    for_each_plane_below(
        planes_.context, planes_.below, [&](int64_t c, int64_t d, const Place& place) {
          add_plane(planes_.above.plane(c, d), place, rows_in(all + omp_get_thread_num() * floats_),
                    planes_.below.batch.plane(c, d));
        });
  }

 private:
  /// What a plane is worked on in, each of whole maps: a row below; of a row above each cell's
  /// share of the mean, and its gradient times that, with zeros for a kernel's width on both sides.
  struct Rows {
    float *row, *shares, *shared;
  };
  Rows rows_in(float* room) const {
    float* shares = room + below().x.map;
    return {room, shares, shares + above().x.map + margin_};
  }

  const Window& above() const { return planes_.above.window; }
  const Window& below() const { return planes_.below.batch.window; }

  void add_plane(const float* g, const Place& place, const Rows& rows, float* to) const {
    const Span inside = inside_map(above().y, place.y), columns = inside_map(above().x, place.x);
    const int64_t top = above().y.begin(place.y), left = above().x.begin(place.x);
    const Span to_rows = map_span(below().y, place.y), to_columns = map_span(below().x, place.x);
    const Span in_map{left + columns.begin, left + columns.end};
    if (in_map.size() == 0) return;
    std::fill(rows.shared + in_map.begin - margin_, rows.shared + in_map.begin, 0.0f);
    std::fill(rows.shared + in_map.end, rows.shared + in_map.end + margin_, 0.0f);
    int known = -1;  // of how many rows the shares are
    for (int64_t i = inside.begin; i < inside.end; ++i) {
      const int y = to_int(top + i);
      if (rule_.rows(y) != known) {
        for (int64_t j = in_map.begin; j < in_map.end; ++j) {
          rows.shares[j] = rule_.share(y, to_int(j));
        }
        known = rule_.rows(y);
      }
      const float* from = g + i * above().x.size - left;
#pragma omp simd
      for (int64_t j = in_map.begin; j < in_map.end; ++j) {
        rows.shared[j] = from[j] * rows.shares[j];
      }
      share_out(rows, in_map, to_columns);
      add_to_rows(rule_.y.inside(y), to_rows, to_columns, place, rows.row, to);
    }
  }

  /// Along the row below, the columns above in their order.
  void share_out(const Rows& rows, const Span& above, const Span& columns) const {
    float* row = rows.row;
    std::fill(row + columns.begin, row + std::max(columns.begin, columns.end), 0.0f);
    if (rule_.x.stride == 1) {
      // The columns that some kernel covers: each adds up `size` neighbours, some of them zeros.
      const int64_t first = std::max<int64_t>(columns.begin, above.begin - rule_.x.pad);
      const int64_t end = std::min<int64_t>(columns.end, above.end - 1 - rule_.x.pad + margin_);
      for (int64_t k = 0; k < margin_; ++k) {
        const float* from = rows.shared + rule_.x.pad - margin_ + 1 + k;
#pragma omp simd
        for (int64_t q = first; q < end; ++q) row[q] += from[q];
      }
      return;
    }
    for (int64_t j = above.begin; j < above.end; ++j) {
      const cell::Cells covered = rule_.x.inside(to_int(j));
      for (int64_t q = std::max<int64_t>(covered.begin, columns.begin);
           q < std::min<int64_t>(covered.end, columns.end); ++q) {
        row[q] += rows.shared[j];
      }
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
  int64_t margin_, floats_;
};

}  // namespace

void mean_rows_backward(const RowPlanes& planes, const cell::MeanRule& rule) {
  MeanRows(planes, rule).run();
}

}  // namespace hdecomp::cpu
