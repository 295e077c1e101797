/// The window ops of joins and adaptive pools on the CPU: one plane per task.
#include "kernels/core/adaptive_cells.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

void copy_window_backward(const Context& context, const WindowBatch& above,
                          const GradientBelow& below) {
  const WindowAxis &ax = above.window.x, &bx = below.batch.window.x;
  const WindowKernel identity;
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
    float single = 0;
    const float* from = plane_or(above, c, d, single);
    float* to = below.batch.plane(c, d);
    const auto rows = tap_span(above.window.y, below.batch.window.y, identity, 0, place.y);
    const auto columns = tap_span(ax, bx, identity, 0, place.x);
    for (int64_t i = rows.above.begin; i < rows.above.end; ++i) {
      const float* source = from + i * ax.size;
      float* target = to + (i + rows.shift) * bx.size + columns.shift;
#pragma omp simd
      for (int64_t j = columns.above.begin; j < columns.above.end; ++j) target[j] += source[j];
    }
  });
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       const GradientBelow& below) {
  const int64_t cells_y = above.window.y.size, cells_x = above.window.x.size;
  const int64_t height = below.batch.window.y.size, width = below.batch.window.x.size;
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
