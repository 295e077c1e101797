/// The window op of max-pools on the CPU: one plane per task.
#include <algorithm>

#include "kernels/loops/pieces.h"
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

/// from[0], from[stride], ...; reads up to twice as many floats.
Lanes load_stepped(const float* from, int64_t stride) {
  if (stride == 1) return load_lanes(from);
  return __builtin_shufflevector(load_lanes(from), load_lanes(from + lanes), 0, 2, 4, 6, 8, 10, 12,
                                 14);
}

/// One decision's way of a plane through a max-pool.
class PoolPlane {
 public:
  PoolPlane(const WindowKernels& kernel, const Tensor& feature, const Window& above,
            const Window& below, const Place& place)
      : kernel_(kernel),
        above_(above),
        below_(below),
        top_(above.y.begin(place.y)),
        left_(above.x.begin(place.x)),
        rows_(inside_map(above.y, place.y)),
        columns_(inside_map(above.x, place.x)),
        first_(below.y.begin(place.y) * below.x.size + below.x.begin(place.x)),
        features_end_(feature.data() + feature.elements()) {
    // Output cells whose taps all lie inside the map's columns, where neighbours go together.
    const WindowKernel& x = kernel.x;
    const bool together = x.dilation == 1 && kernel.y.dilation == 1 && x.stride <= 2;
    if (!together) return;
    whole_.begin = std::max(columns_.begin, pieces(x.pad, x.stride) - left_);
    const int64_t last = below.x.map + x.pad - x.size;  // its first tap's, at most
    whole_.end = last < 0 ? 0 : std::min(columns_.end, last / x.stride + 1 - left_);
  }

  /// The same for kernels of 2 x 2 and stride 2 over a cleared plane.
  void route_in_pairs(const float* f, const float* from, float* to) const {
    const int64_t x = 2 * (left_ + columns_.begin), width = below_.x.size;
    for (int64_t i = rows_.begin; i < rows_.end; ++i) {
      const int64_t y = 2 * (top_ + i);
      route_pairs(f + y * below_.x.map + x, below_.x.map, from + i * above_.x.size + columns_.begin,
                  columns_.size(), to + y * width + x - first_, width);
    }
  }

  /// to[first maximum of each cell's taps] += from[cell].
  void route(const float* f, const float* from, float* to) const {
    for (int64_t i = rows_.begin; i < rows_.end; ++i) {
      const Span y = covered(top_ + i, kernel_.y, below_.y.map);
      const float* row = from + i * above_.x.size;
      int64_t j = columns_.begin;
      while (j < columns_.end) {
        if (j >= whole_.begin && j < whole_.end && route_lanes(f, y, j, row, to)) {
          j = std::min(j + lanes, whole_.end);
        } else {
          route_cell(f, y, j, row, to);
          ++j;
        }
      }
    }
  }

 private:
  void route_cell(const float* f, Span y, int64_t j, const float* row, float* to) const {
    const Cell best = first_maximum(f, below_.x.map, y, covered(left_ + j, kernel_.x, below_.x.map),
                                    {kernel_.y.dilation, kernel_.x.dilation});
    to[best.y * below_.x.size + best.x - first_] += row[j];
  }

  /// Cells from j on; false where that would read behind the features, or takes longer than one by
  /// one.
  bool route_lanes(const float* f, Span y, int64_t j, const float* row, float* to) const {
    constexpr int64_t worth = 3;
    if (whole_.end - j < worth) return false;
    const int64_t stride = kernel_.x.stride, x = (left_ + j) * stride - kernel_.x.pad;
    const float* taps = f + y.begin * below_.x.map + x;
    if (taps + (y.size() - 1) * below_.x.map + kernel_.x.size + 2 * lanes > features_end_) {
      return false;
    }
    Lanes most = load_stepped(taps, stride);
    LaneInts best{};
    for (int64_t r = 0; r < y.size(); ++r) {
      for (int64_t t = 0; t < kernel_.x.size; ++t) {
        const Lanes value = load_stepped(taps + r * below_.x.map + t, stride);
        const LaneInts larger = value > most;
        best = larger ? LaneInts{} + static_cast<int32_t>(r * below_.x.size + t) : best;
        most = larger ? value : most;
      }
    }
    float* target = to + y.begin * below_.x.size + x - first_;
    const int64_t some = std::min(lanes, whole_.end - j);
    for (int64_t k = 0; k < some; ++k) target[k * stride + best[k]] += row[j + k];
    return true;
  }

  const WindowKernels& kernel_;
  const Window &above_, &below_;
  int64_t top_, left_;
  Span rows_, columns_;  // of the window above, inside the map
  Span whole_{0, 0};     // columns
  int64_t first_;        // cell 0 of the map's distance before the plane's
  const float* features_end_;
};

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
    const PoolPlane plane(kernel, feature, above.window, below.batch.window, place);
    if (in_pairs) {
      plane.route_in_pairs(f, from, below.batch.plane(c, d));
    } else {
      plane.route(f, from, below.batch.plane(c, d));
    }
  });
}

}  // namespace hdecomp::cpu
