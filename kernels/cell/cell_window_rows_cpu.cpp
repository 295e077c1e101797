/// Gradients of cell ops inside windows by rows: several floats at once, and no question asked of a
/// single cell.
#include "kernels/cell/cell_window_rows_cpu.h"

#include <algorithm>

#include "kernels/cell/cell_choice.h"
#include "kernels/cell/cell_rows_cpu.h"
#include "kernels/cell/lane_slopes_cpu.h"

namespace hdecomp::cpu {
namespace {

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

void scalar_rows(const RowPlanes& planes, const CellOp& op, const Tensor& feature) {
  with_slope(op.function, [&](const auto& slope) {
    planes.each_row(
        [&](int64_t c, const Place& place, const CellRow& row, const float* g, float* to) {
          add_sloped(g, feature_plane(feature, place, c) + row.map, row.count, to, slope);
        });
  });
}

void scaled_rows(const RowPlanes& planes, const Tensor& scale) {
  planes.each_row([&](int64_t c, const Place&, const CellRow& row, const float* g, float* to) {
    const float factor = scale.data()[c];
#pragma omp simd
    for (int64_t i = 0; i < row.count; ++i) to[i] += factor * g[i];
  });
}

/// A product's gradient to the factor that is a whole map: times the other one, a map or a number
/// for each channel.
void product_rows(const RowPlanes& planes, const Tensor& other) {
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
void gate_sums(const RowPlanes& planes, const Tensor& other) {
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

bool product_backward(const RowPlanes& planes, size_t which,
                      std::span<const Tensor* const> features) {
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
bool moved_rows(const RowPlanes& planes, const cell::MoveRule& rule) {
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

}  // namespace

bool cell_rows_backward(const Context& context, const CellOp& op, size_t which,
                        std::span<const Tensor* const> features, const Tensor* weight,
                        const WindowBatch& above, const GradientBelow& below) {
  if (above.one_hot) return false;
  const RowPlanes planes{context, above, below};
  const auto arguments = [&] {
    return cell::backward_arguments(op, which, features, weight, above, below.batch);
  };
  switch (op.formula) {
    case CellFormula::move:
      return moved_rows(planes, cell::move_rule(arguments()));
    case CellFormula::mean:
      return mean_rows_backward(planes, cell::mean_rule(arguments())), true;
    case CellFormula::scalar:
      return scalar_rows(planes, op, *features[which]), true;
    case CellFormula::affine:
      return scaled_rows(planes, *weight), true;
    case CellFormula::mul:
      return product_backward(planes, which, features);
    case CellFormula::layer_norm:
      return norm_rows_backward(planes, op, *features[which], *weight), true;
    default:
      return false;
  }
}

}  // namespace hdecomp::cpu
