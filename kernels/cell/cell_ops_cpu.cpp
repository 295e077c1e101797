/// The cell ops on the CPU: a task computes one plane.
#include <vector>

#include "kernels/cell/cell_choice.h"
#include "kernels/cell/cell_layout_cpu.h"
#include "kernels/cell/cell_rows_cpu.h"
#include "kernels/cell/cell_window_rows_cpu.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

using namespace cell;

template <class Rule>
void fill_maps(const Context& context, const Rule& rule, Activation activation, Tensor& y) {
  const Shape& shape = y.shape();
  const int channels = to_int(shape[1]), height = to_int(shape[2]), width = to_int(shape[3]);
  float* data = y.data();
  parallel_for(context, shape[0] * channels, [&](int64_t plane) {
    const int n = static_cast<int>(plane / channels), c = static_cast<int>(plane % channels);
    float* to = data + plane * height * width;
    for (int i = 0; i < height; ++i) {
      for (int j = 0; j < width; ++j) *to++ = activated(activation, rule.value(n, c, i, j));
    }
  });
}

/// body(y, x, cell) for the cells of a window that lie inside the map; `cell` counts in the window.
template <class Body>
void for_each_inside(const Window& window, const Place& place, Body&& body) {
  const Span rows = inside_map(window.y, place.y), columns = inside_map(window.x, place.x);
  const int64_t top = window.y.begin(place.y), left = window.x.begin(place.x);
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    for (int64_t j = columns.begin; j < columns.end; ++j) {
      body(static_cast<int>(top + i), static_cast<int>(left + j), i * window.x.size + j);
    }
  }
}

Decision decision_of(const Place& place, int64_t number) {
  return {number, static_cast<int>(place.image), static_cast<int>(place.channel),
          static_cast<int>(place.y), static_cast<int>(place.x)};
}

template <class Gradient>
void fill_windows(const Context& context, const GradientBelow& below, Gradient gradient) {
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
    float* to = below.batch.plane(c, d);
    const Decision decision = decision_of(place, d);
    for_each_inside(below.batch.window, place, [&](int i, int j, int64_t cell) {
      to[cell] += gradient(decision, static_cast<int>(c), i, j, cell);
    });
  });
}

/// Whether each input has the output's extent, or one cell, not both of them: then each image is a
/// plain layout of its own.
bool is_in_plain_layout(const CellOp& op, std::span<const Tensor* const> inputs, const Shape& y) {
  if (!computes_in(op, {y[1], y[2], y[3], 1})) return false;
  bool whole = false;
  for (const Tensor* input : inputs) {
    const Shape& x = input->shape();
    whole |= x == y;
    if (x != y && (x[1] != y[1] || x[2] * x[3] != 1)) return false;
  }
  return whole;
}

void fill_plain_layout(const Context& context, const CellOp& op,
                       std::span<const Tensor* const> inputs, const Tensor* weight,
                       const Tensor* bias, Tensor& y) {
  const Shape& shape = y.shape();
  const CellLayout layout{shape[1], shape[2], shape[3], 1};
  std::vector<CellOperand> operands(inputs.size());
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (size_t k = 0; k < inputs.size(); ++k) {
      const Tensor& x = *inputs[k];
      operands[k] = {x.data() + n * (x.elements() / shape[0]), x.shape() != shape};
    }
    cell_forward_in(context, op, layout, layout, operands,
                    weight == nullptr ? nullptr : weight->data(),
                    bias == nullptr ? nullptr : bias->data(), y.data() + n * layout.floats());
  }
}

}  // namespace

void cell_forward(const Context& context, const CellOp& op, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y) {
  if (is_in_plain_layout(op, inputs, y.shape())) {
    return fill_plain_layout(context, op, inputs, weight, bias, y);
  }
  if (op.formula == CellFormula::gather) {
    return gather_forward(context, gather_rule(forward_arguments(op, inputs, weight, bias, y)), y);
  }
  if (op.formula != CellFormula::layer_norm) {
    return with_rule(forward_arguments(op, inputs, weight, bias, y),
                     [&](const auto& rule) { fill_maps(context, rule, op.activation, y); });
  }
  const Shape& shape = y.shape();
  const LayerNormRule rule =
      norm_rule(op, *inputs[0], weight, bias, scratch.data(), shape[2], shape[3]);
  parallel_for(context, shape[0] * rule.plane, [&](int64_t at) {
    const int64_t cell = at % rule.plane;
    rule.find(static_cast<int>(at / rule.plane), static_cast<int>(cell / rule.columns),
              static_cast<int>(cell % rule.columns),
              rule.moments + at * LayerNormRule::forward_moments);
  });
  fill_maps(context, rule, op.activation, y);
}

void cell_window_backward(const Context& context, const CellOp& op, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& batch_above, const GradientBelow& below) {
  if (cell_rows_backward(context, op, which, features, weight, batch_above, below)) return;
  const WindowBatch& batch = below.batch;
  const Above above(batch_above);
  if (op.formula != CellFormula::layer_norm) {
    return with_rule(
        backward_arguments(op, which, features, weight, batch_above, batch), [&](const auto& rule) {
          fill_windows(context, below, [&](const Decision& d, int c, int i, int j, int64_t) {
            return rule.gradient(above, d, c, i, j);
          });
        });
  }
  const int64_t area = batch.window.area();
  Tensor moments =
      take_tensor<float>(*batch.pool, {batch.decisions() * area * LayerNormRule::backward_moments});
  const LayerNormRule rule = norm_rule(op, *features[which], weight, nullptr, moments.data(),
                                       batch.window.y.size, batch.window.x.size);
  parallel_for(context, batch.decisions(), [&](int64_t d) {
    const Place& place = batch.places[d];
    if (place.image < 0) return;
    for_each_inside(batch.window, place, [&](int i, int j, int64_t cell) {
      rule.find_gradients(above, decision_of(place, d), i, j,
                          rule.moments + (d * area + cell) * LayerNormRule::backward_moments);
    });
  });
  fill_windows(context, below, [&](const Decision& d, int c, int i, int j, int64_t cell) {
    return rule.gradient_at(above, d, c, i, j, cell);
  });
}

}  // namespace hdecomp::cpu
