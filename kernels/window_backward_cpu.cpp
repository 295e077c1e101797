/// The window ops on the CPU that need no product: pooling, shortcuts, ReLU, and the classifier's
/// active rows.
#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/core/parallel.h"
#include "kernels/window_backward.h"
#include "kernels/window_overlap.h"

namespace hdecomp::cpu {
namespace {

/// body(channel, decision) for every plane of a batch, in parallel.
template <class Body>
void for_each_plane(const Context& context, const WindowBatch& batch, Body&& body) {
  const int64_t decisions = batch.decisions();
  parallel_for(context, batch.channels * decisions,
               [&](int64_t i) { body(i / decisions, i % decisions); });
}

void clear_if_empty(WindowBatch& below, int64_t channel, int64_t decision, Into into) {
  if (into == Into::sum) return;
  float* plane = below.plane(channel, decision);
  std::fill(plane, plane + below.window.area(), 0.0f);
}

/// The plane of a batch, or the single 1 or 0 of a one-hot decision.
float one_hot_value(const WindowBatch& batch, int64_t channel, int64_t decision) {
  return batch.places[decision].channel == channel ? 1.0f : 0.0f;
}
const float* plane_or(const WindowBatch& batch, int64_t channel, int64_t decision, float& single) {
  if (!batch.one_hot) return batch.plane(channel, decision);
  single = one_hot_value(batch, channel, decision);
  return &single;
}

/// The cells of the lower map that output cell `i` of a pool covers.
Span covered(int64_t i, const WindowKernel& kernel, int64_t map) {
  const int64_t begin = i * kernel.stride - kernel.pad;
  return {std::max<int64_t>(begin, 0), std::min(begin + kernel.size, map)};
}

struct Cell {
  int64_t y, x;
};
/// The first maximum in row-major order. Selects instead of branching: which cell wins cannot be
/// predicted.
Cell first_maximum(const float* plane, int64_t width, Span y, Span x) {
  Cell best{y.begin, x.begin};
  float most = plane[y.begin * width + x.begin];
  for (int64_t r = y.begin; r < y.end; ++r) {
    for (int64_t c = x.begin; c < x.end; ++c) {
      const float value = plane[r * width + c];
      const bool larger = value > most;
      best.y = larger ? r : best.y;
      best.x = larger ? c : best.x;
      most = larger ? value : most;
    }
  }
  return best;
}

}  // namespace

void max_pool_window_backward(const Context& context, const WindowKernel& kernel,
                              const Tensor& feature, const WindowBatch& above, WindowBatch& below,
                              Into into) {
  const WindowAxis &ay = above.window.y, &ax = above.window.x;
  const WindowAxis &by = below.window.y, &bx = below.window.x;
  for_each_plane(context, below, [&](int64_t c, int64_t d) {
    clear_if_empty(below, c, d, into);
    float single = 0;
    const float* from = plane_or(above, c, d, single);
    const float* f = feature.data() + c * by.map * bx.map;
    const Place& place = above.places[d];
    const int64_t top = ay.begin(place.y), left = ax.begin(place.x);
    float* to = below.plane(c, d) - by.begin(place.y) * bx.size - bx.begin(place.x);
    const Span rows = inside_map(ay, place.y), columns = inside_map(ax, place.x);
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      const Span y = covered(top + i, kernel, by.map);
      for (int64_t j = columns.begin; j < columns.end; ++j) {
        const Cell best = first_maximum(f, bx.map, y, covered(left + j, kernel, bx.map));
        to[best.y * bx.size + best.x] += from[i * ax.size + j];
      }
    }
  });
}

void copy_window_backward(const Context& context, const WindowBatch& above, WindowBatch& below,
                          Into into) {
  const WindowAxis &ax = above.window.x, &bx = below.window.x;
  for_each_plane(context, below, [&](int64_t c, int64_t d) {
    clear_if_empty(below, c, d, into);
    float single = 0;
    const float* from = plane_or(above, c, d, single);
    float* to = below.plane(c, d);
    const Place& place = above.places[d];
    const WindowKernel identity;
    const auto rows = tap_span(above.window.y, below.window.y, identity, 0, place.y);
    const auto columns = tap_span(ax, bx, identity, 0, place.x);
    for (int64_t i = rows.above.begin; i < rows.above.end; ++i) {
      for (int64_t j = columns.above.begin; j < columns.above.end; ++j) {
        to[(i + rows.shift) * bx.size + j + columns.shift] += from[i * ax.size + j];
      }
    }
  });
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       WindowBatch& below, Into into) {
  const int64_t cells_y = above.window.y.size, cells_x = above.window.x.size;
  const int64_t height = below.window.y.size, width = below.window.x.size;
  for_each_plane(context, below, [&](int64_t c, int64_t d) {
    clear_if_empty(below, c, d, into);
    const float* from = above.plane(c, d);
    float* to = below.plane(c, d);
    for (int64_t i = 0; i < cells_y; ++i) {
      const int64_t top = i * height / cells_y, bottom = ((i + 1) * height + cells_y - 1) / cells_y;
      for (int64_t j = 0; j < cells_x; ++j) {
        const int64_t left = j * width / cells_x, right = ((j + 1) * width + cells_x - 1) / cells_x;
        const float share =
            from[i * cells_x + j] / static_cast<float>((bottom - top) * (right - left));
        for (int64_t y = top; y < bottom; ++y) {
          for (int64_t x = left; x < right; ++x) to[y * width + x] += share;
        }
      }
    }
  });
}

void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into into) {
  // Columns of the weight per task: long stretches of each row, and sums that stay in the
  // first-level cache.
  constexpr int64_t chunk = 4096;
  const int64_t area = below.window.area(), in_units = below.channels * area;
  const int64_t chunks = (in_units + chunk - 1) / chunk, decisions = above.decisions();
  std::vector<std::vector<int64_t>> active(decisions);
  const auto value = [&](int64_t unit, int64_t d) {
    return above.one_hot ? one_hot_value(above, unit, d) : *above.plane(unit, d);
  };
  for (int64_t d = 0; d < decisions; ++d) {
    for (int64_t unit = 0; unit < above.channels; ++unit) {
      if (value(unit, d) != 0) active[d].push_back(unit);
    }
  }
  parallel_for(context, decisions * chunks, [&](int64_t task) {
    const int64_t d = task / chunks, begin = task % chunks * chunk;
    const int64_t size = std::min(chunk, in_units - begin);
    float sum[chunk] = {};
    const std::vector<int64_t>& units = active[d];
    // Four rows at a time: a quarter of the traffic of sums.
    for (size_t u = 0; u < units.size(); u += 4) {
      const float* row[4];
      float g[4];
      for (size_t k = 0; k < 4; ++k) {
        const bool there = u + k < units.size();
        row[k] = weight.data() + units[there ? u + k : u] * in_units + begin;
        g[k] = there ? value(units[u + k], d) : 0.0f;
      }
#pragma omp simd
      for (int64_t i = 0; i < size; ++i) {
        sum[i] += (g[0] * row[0][i] + g[1] * row[1][i]) + (g[2] * row[2][i] + g[3] * row[3][i]);
      }
    }
    for (int64_t i = 0; i < size; ++i) {
      float& to = below.plane((begin + i) / area, d)[(begin + i) % area];
      to = into == Into::sum ? to + sum[i] : sum[i];
    }
  });
}

void relu_window_backward(const Context& context, const Tensor& feature, ReluRule rule,
                          WindowBatch& batch) {
  const float least = rule == ReluRule::guided ? 0.0f : -std::numeric_limits<float>::infinity();
  const int64_t map = batch.window.y.map * batch.window.x.map;
  for_each_plane(context, batch, [&](int64_t c, int64_t d) {
    const Place& place = batch.places[d];
    for_each_run(batch.window, place.y, place.x, [&](int64_t cell, int64_t at, int64_t count) {
      const float* f = feature.data() + c * map + at;
      float* g = batch.plane(c, d) + cell;
#pragma omp simd
      for (int64_t i = 0; i < count; ++i) g[i] = f[i] > 0 ? std::max(g[i], least) : 0.0f;
    });
  });
}

}  // namespace hdecomp::cpu
