/// The window ops of pools, joins and linear layers on the CPU: one plane per task.
#include <algorithm>
#include <vector>

#include "kernels/core/adaptive_cells.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

/// The cells of the lower map that output cell `i` of a pool covers; taps lie kernel.dilation
/// apart.
Span covered(int64_t i, const WindowKernel& kernel, int64_t map) {
  int64_t begin = i * kernel.stride - kernel.pad;
  const int64_t end = begin + kernel.extent();
  if (begin < 0) begin += (-begin + kernel.dilation - 1) / kernel.dilation * kernel.dilation;
  return {begin, std::min(end, map)};
}

struct Cell {
  int64_t y, x;
};
/// The first maximum in row-major order. Selects instead of branching: which cell wins cannot be
/// predicted.
Cell first_maximum(const float* plane, int64_t width, Span y, Span x, Cell step) {
  Cell best{y.begin, x.begin};
  float most = plane[y.begin * width + x.begin];
  for (int64_t r = y.begin; r < y.end; r += step.y) {
    for (int64_t c = x.begin; c < x.end; c += step.x) {
      const float value = plane[r * width + c];
      const bool larger = value > most;
      best.y = larger ? r : best.y;
      best.x = larger ? c : best.x;
      most = larger ? value : most;
    }
  }
  return best;
}

/// The most common pool, 2 x 2 of stride 2 (VGG's): `count` output cells of a row, each routed to
/// the first maximum of its four cells in rows `f` and `f` + `map` and set to zero in the other
/// three. What the branch-free form of first_maximum is for any pool, in vector lanes.
void route_pairs(const float* f, int64_t map, const float* from, int64_t count, float* to,
                 int64_t width) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) {
    const float a = f[2 * j], b = f[2 * j + 1];
    const float c = f[map + 2 * j], d = f[map + 2 * j + 1];
    const bool right = b > a, low_right = d > c;
    const bool low = (low_right ? d : c) > (right ? b : a);
    const float upper = low ? 0.0f : from[j], lower = low ? from[j] : 0.0f;
    to[2 * j] = right ? 0.0f : upper;
    to[2 * j + 1] = right ? upper : 0.0f;
    to[width + 2 * j] = low_right ? 0.0f : lower;
    to[width + 2 * j + 1] = low_right ? lower : 0.0f;
  }
}

}  // namespace

void max_pool_window_backward(const Context& context, const WindowKernels& kernel,
                              const Tensor& feature, const WindowBatch& above,
                              const GradientBelow& below) {
  const WindowAxis &ay = above.window.y, &ax = above.window.x;
  const WindowAxis &by = below.batch.window.y, &bx = below.batch.window.x;
  // Where the pooled extent was rounded up, the last kernel reaches beyond the map.
  const bool in_pairs = kernel == WindowKernels(WindowKernel{2, 2, 0}) &&
                        below.into == Accumulate::empty && 2 * ay.map <= by.map &&
                        2 * ax.map <= bx.map;
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
    float single = 0;
    const float* from = plane_or(above, c, d, single);
    const float* f = feature_plane(feature, place, c);
    const int64_t top = ay.begin(place.y), left = ax.begin(place.x);
    float* to = below.batch.plane(c, d) - by.begin(place.y) * bx.size - bx.begin(place.x);
    const Span rows = inside_map(ay, place.y), columns = inside_map(ax, place.x);
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      const Span y = covered(top + i, kernel.y, by.map);
      if (in_pairs) {
        const int64_t x = 2 * (left + columns.begin);
        route_pairs(f + y.begin * bx.map + x, bx.map, from + i * ax.size + columns.begin,
                    columns.size(), to + y.begin * bx.size + x, bx.size);
        continue;
      }
      for (int64_t j = columns.begin; j < columns.end; ++j) {
        const Cell best = first_maximum(f, bx.map, y, covered(left + j, kernel.x, bx.map),
                                        {kernel.y.dilation, kernel.x.dilation});
        to[best.y * bx.size + best.x] += from[i * ax.size + j];
      }
    }
  });
}

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
