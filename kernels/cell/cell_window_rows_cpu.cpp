/// Gradients of cell ops inside windows by rows: several floats at once, and no question asked of a
/// single cell.
#include "kernels/cell/cell_window_rows_cpu.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cell/cell_choice.h"
#include "kernels/cell/lane_slopes_cpu.h"
#include "kernels/core/context_cpu.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

/// A row of cells, or all of a whole map: inside both windows and the map. Places are those of the
/// first cell in the window above, in the one below, and in the map.
struct CellRow {
  int64_t above, below, map, count;
};

/// The common part of an axis: where it begins, in the map, and ends.
Span common(const WindowAxis& above, const WindowAxis& below, int64_t position) {
  const int64_t a = above.begin(position), b = below.begin(position);
  return {std::max({a, b, int64_t{0}}), std::min({a + above.size, b + below.size, above.map})};
}

template <class Body>
void for_each_row(const Window& above, const Window& below, const Place& place, Body&& body) {
  if (above.whole() && below.whole()) return body(CellRow{0, 0, 0, above.area()});
  const Span rows = common(above.y, below.y, place.y), columns = common(above.x, below.x, place.x);
  if (columns.size() == 0) return;
  const auto at = [&](const Window& window, int64_t i) {
    return (i - window.y.begin(place.y)) * window.x.size + columns.begin - window.x.begin(place.x);
  };
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    body(CellRow{at(above, i), at(below, i), i * above.x.map + columns.begin, columns.size()});
  }
}

/// to[i] += g[i] * slope(x[i]); nothing where g is zero, whatever the slope.
template <class Slope>
void add_sloped(const float* g, const float* x, int64_t count, float* to, const Slope& slope) {
  for (int64_t i = 0; i < count; i += lanes) {
    const int64_t left = std::min(count - i, lanes);
    const Lanes gradient = load_some(g + i, left);
    const Lanes sloped = gradient * slope(load_some(x + i, left));
    const Lanes sum = load_some(to + i, left) + (gradient == 0 ? Lanes{} : sloped);
    store_some(sum, to + i, left);
  }
}

/// A level's planes, each with the feature that its cells are multiplied by or looked up in.
struct Planes {
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

void scalar_rows(const Planes& planes, const CellOp& op, const Tensor& feature) {
  with_slope(op.function, [&](const auto& slope) {
    planes.each_row(
        [&](int64_t c, const Place& place, const CellRow& row, const float* g, float* to) {
          add_sloped(g, feature_plane(feature, place, c) + row.map, row.count, to, slope);
        });
  });
}

void scaled_rows(const Planes& planes, const Tensor& scale) {
  planes.each_row([&](int64_t c, const Place&, const CellRow& row, const float* g, float* to) {
    const float factor = scale.data()[c];
#pragma omp simd
    for (int64_t i = 0; i < row.count; ++i) to[i] += factor * g[i];
  });
}

/// A product's gradient to the factor that is a whole map: times the other one, a map or a number
/// for each channel.
void product_rows(const Planes& planes, const Tensor& other) {
  const bool one_cell = other.shape()[2] * other.shape()[3] == 1;
  planes.each_row(
      [&](int64_t c, const Place& place, const CellRow& row, const float* g, float* to) {
        const float* x = feature_plane(other, place, c);
        if (one_cell) {
          const float factor = x[0];
#pragma omp simd
          for (int64_t i = 0; i < row.count; ++i) to[i] += factor * g[i];
        } else {
          add_sloped(g, x + row.map, row.count, to, [](const Lanes& v) { return v; });
        }
      });
}

/// A product's gradient to a gate: the sum over the map of the window above.
void gate_sums(const Planes& planes, const Tensor& other) {
  const Window& above = planes.above.window;
  for_each_plane_below(planes.context, planes.below, [&](int64_t c, int64_t d, const Place& place) {
    const float *g = planes.above.plane(c, d), *x = feature_plane(other, place, c);
    float sum = 0;
    for_each_run(above, place.y, place.x, [&](int64_t cell, int64_t at, int64_t count) {
      Lanes sums{};
      for (int64_t i = 0; i < count; i += lanes) {
        const int64_t left = std::min(count - i, lanes);
        const Lanes gradient = load_some(g + cell + i, left);
        sums += gradient == 0 ? Lanes{} : gradient * load_some(x + at + i, left);
      }
      for (int64_t i = 0; i < lanes; ++i) sum += sums[i];
    });
    planes.below.batch.plane(c, d)[0] += sum;
  });
}

bool same_map(const Window& a, const Window& b) { return a.y.map == b.y.map && a.x.map == b.x.map; }

bool product_backward(const Planes& planes, size_t which, std::span<const Tensor* const> features) {
  const Tensor &own = *features[which], &other = *features[1 - which];
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  const int64_t channels = planes.above.channels;
  if (own.shape()[1] != channels || other.shape()[1] != channels) return false;
  const bool alike = same_map(above, below);
  const bool gate = below.y.map * below.x.map == 1 && !alike;
  if (gate && own.shape() == other.shape()) return false;
  if (gate) return gate_sums(planes, other), true;
  if (!alike) return false;
  return product_rows(planes, other), true;
}

/// Channels that change places on their map: each input channel takes one output channel's rows.
bool moved_rows(const Planes& planes, const cell::MoveRule& rule) {
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  if (rule.pad_y != 0 || rule.pad_x != 0 || !same_map(above, below)) return false;
  for_each_plane_below(planes.context, planes.below, [&](int64_t c, int64_t d, const Place& place) {
    const int output = rule.output_of(to_int(c));
    if (output < 0 || output >= rule.out_channels) return;
    const float* g = planes.above.plane(output, d);
    float* to = planes.below.batch.plane(c, d);
    for_each_row(above, below, place, [&](const CellRow& row) {
#pragma omp simd
      for (int64_t i = 0; i < row.count; ++i) to[row.below + i] += g[row.above + i];
    });
  });
  return true;
}

/// A mean's gradient: each row above, shared out along the map's row, goes to the rows it covers.
class MeanRows {
 public:
  MeanRows(const Planes& planes, const cell::MeanRule& rule) : planes_(planes), rule_(rule) {}

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

  const Planes& planes_;
  const cell::MeanRule& rule_;
};

/// One decision's row of cells: what LayerNormRule says, all channels of the row's cells at once.
class NormRow {
 public:
  NormRow(const CellOp& op, const Tensor& feature, const float* scale, int64_t width)
      : op_(op), feature_(feature), scale_(scale), numbers_(4 * width) {}

  void run(const WindowBatch& above, int64_t d, const Place& place, const CellRow& row,
           WindowBatch& below) {
    const int64_t channels = above.channels, n = row.count;
    float *mean = numbers_.data(), *inverse = mean + n, *sum = inverse + n, *with_z = sum + n;
    std::ranges::fill(numbers_, 0.0f);
    const auto x_of = [&](int64_t c) { return feature_plane(feature_, place, c) + row.map; };
    const auto all = static_cast<float>(channels);
    for (int64_t c = 0; c < channels; ++c)
      each(n, [=, x = x_of(c)](int64_t j) { mean[j] += x[j]; });
    each(n, [=](int64_t j) { mean[j] /= all; });
    for (int64_t c = 0; c < channels; ++c) {
      each(n, [=, x = x_of(c)](int64_t j) { inverse[j] += (x[j] - mean[j]) * (x[j] - mean[j]); });
    }
    each(n, [=, this](int64_t j) { inverse[j] = 1 / std::sqrt(inverse[j] / all + op_.epsilon); });
    for (int64_t c = 0; c < channels; ++c) {
      const float* g = above.plane(c, d) + row.above;
      each(n, [=, this, x = x_of(c)](int64_t j) {
        const float scaled = scale_[c] * g[j];
        sum[j] += scaled;
        with_z[j] += scaled * (x[j] - mean[j]) * inverse[j];
      });
    }
    each(n, [=](int64_t j) { sum[j] /= all, with_z[j] /= all; });
    for (int64_t c = 0; c < channels; ++c) {
      const float* g = above.plane(c, d) + row.above;
      float* to = below.plane(c, d) + row.below;
      each(n, [=, this, x = x_of(c)](int64_t j) {
        const float z = (x[j] - mean[j]) * inverse[j];
        to[j] += inverse[j] * (scale_[c] * g[j] - sum[j] - z * with_z[j]);
      });
    }
  }

 private:
  template <class Body>
  static void each(int64_t n, Body body) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) body(j);
  }

  const CellOp& op_;
  const Tensor& feature_;
  const float* scale_;
  std::vector<float> numbers_;
};

void norm_rows(const Planes& planes, const CellOp& op, const Tensor& feature, const Tensor& scale) {
  const WindowBatch& above = planes.above;
  WindowBatch& below = planes.below.batch;
  const auto each_plane = [&](auto body) {
    parallel_for(planes.context, below.channels * below.decisions(),
                 [&](int64_t i) { body(i / below.decisions(), i % below.decisions()); });
  };
  each_plane([&](int64_t c, int64_t d) { begin_plane(planes.below, c, d); });
  parallel_for(planes.context, below.decisions(), [&](int64_t d) {
    const Place& place = below.places[d];
    if (place.image < 0) return;
    NormRow norm(op, feature, scale.data(), std::max(above.window.area(), int64_t{1}));
    for_each_row(above.window, below.window, place,
                 [&](const CellRow& row) { norm.run(above, d, place, row, below); });
  });
  each_plane([&](int64_t c, int64_t d) { mask_plane(planes.below, c, d); });
}

}  // namespace

bool cell_rows_backward(const Context& context, const CellOp& op, size_t which,
                        std::span<const Tensor* const> features, const Tensor* weight,
                        const WindowBatch& above, const GradientBelow& below) {
  if (above.one_hot) return false;
  const Planes planes{context, above, below};
  const auto arguments = [&] {
    return cell::backward_arguments(op, which, features, weight, above, below.batch);
  };
  switch (op.formula) {
    case CellFormula::move:
      return moved_rows(planes, cell::move_rule(arguments()));
    case CellFormula::mean:
      MeanRows(planes, cell::mean_rule(arguments())).run();
      return true;
    case CellFormula::scalar:
      return scalar_rows(planes, op, *features[which]), true;
    case CellFormula::affine:
      return scaled_rows(planes, *weight), true;
    case CellFormula::mul:
      return product_backward(planes, which, features);
    case CellFormula::layer_norm:
      return norm_rows(planes, op, *features[which], *weight), true;
    default:
      return false;
  }
}

}  // namespace hdecomp::cpu
