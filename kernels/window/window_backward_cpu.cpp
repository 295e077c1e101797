/// The window ops of joins and adaptive pools on the CPU: one plane per task.
#include "kernels/core/adaptive_cells.h"
#include "kernels/window/window_rows_cpu.h"

namespace hdecomp::cpu {

namespace {

void copy_one_hot(const Context& context, const WindowBatch& above, const GradientBelow& below) {
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
    float* to = below.batch.plane(c, d);
    for_each_row(above.window, below.batch.window, place,
                 [&](const CellRow& row) { to[row.below] += one_hot_value(above, c, d); });
  });
}

/// Of a pool to a single cell, whose planes get one number each: read and written once, through the
/// activation below, too.
void share_alike(const Context& context, const WindowBatch& above, const GradientBelow& below) {
  const int64_t area = below.batch.window.area(), decisions = below.batch.decisions();
  const bool sum = below.into == Accumulate::sum, masked = below.mask.feature != nullptr;
  const Lanes least = least_passed(below.mask.rule);
  with_constant(masked ? below.mask.activation : Activation::none, [&](auto kind) {
    parallel_for(context, below.batch.channels * decisions, [&](int64_t i) {
      const int64_t c = i / decisions, d = i % decisions;
      const Place& place = below.batch.places[d];
      if (place.image < 0) return begin_plane(below, c, d);
      const float share = *above.plane(c, d) / static_cast<float>(area);
      const float* feature = masked ? feature_plane(*below.mask.feature, place, c) : nullptr;
      float* to = below.batch.plane(c, d);
      for (int64_t k = 0; k < area; k += lanes) {
        const int64_t some = std::min(area - k, lanes);
        Lanes value = sum ? load_some(to + k, some) + share : Lanes{} + share;
        if (kind() != Activation::none) {
          value = passed(kind, value, load_some(feature + k, some), least);
        }
        store_some(value, to + k, some);
      }
    });
  });
}

}  // namespace

void copy_window_backward(const Context& context, const WindowBatch& above,
                          const GradientBelow& below) {
  if (above.one_hot) return copy_one_hot(context, above, below);
  const bool in_place = above.data.data() == below.batch.data.data();
  if (in_place && below.mask.feature == nullptr) return;
  RowPlanes{context, above, below}.each_row([](int64_t, const Place&, const CellRow&) {
    return [](const Lanes& g, int64_t, int64_t) { return g; };
  });
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       const GradientBelow& below) {
  const int64_t cells_y = above.window.y.size, cells_x = above.window.x.size;
  const int64_t height = below.batch.window.y.size, width = below.batch.window.x.size;
  if (cells_y * cells_x == 1) return share_alike(context, above, below);
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place&) {
    const float* from = above.plane(c, d);
    float* to = below.batch.plane(c, d);
    for (int64_t i = 0; i < cells_y; ++i) {
      const auto [top, bottom] = adaptive_cells(i, height, cells_y);
      for (int64_t j = 0; j < cells_x; ++j) {
        const auto [left, right] = adaptive_cells(j, width, cells_x);
        const float share =
            from[i * cells_x + j] / static_cast<float>((bottom - top) * (right - left));
        for (int64_t y = top; y < bottom; ++y) {
          for (int64_t x = left; x < right; ++x) to[y * width + x] += share;
        }
      }
    }
  });
}

}  // namespace hdecomp::cpu
