/// The cell ops on CUDA: a thread computes a cell.
#include "kernels/cell/cell_choice.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

using namespace cell;

/// The extents of maps (n, c, h, w), counted through in 64 bits.
struct Extent {
  int channels, height, width;
  int64_t elements;

  explicit Extent(const Shape& shape)
      : channels(to_int(shape[1])),
        height(to_int(shape[2])),
        width(to_int(shape[3])),
        elements(shape.elements()) {}
};

template <class Rule>
__global__ void __launch_bounds__(block_threads)
    fill_maps(const Rule rule, Activation activation, const Extent extent, float* y) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= extent.elements) return;
  const int column = static_cast<int>(i % extent.width);
  const int64_t line = i / extent.width;
  const int row = static_cast<int>(line % extent.height);
  const int64_t plane = line / extent.height;
  const float value = rule.value(static_cast<int>(plane / extent.channels),
                                 static_cast<int>(plane % extent.channels), row, column);
  y[i] = activated(activation, value);
}

template <class Rule>
void launch_maps(const Context& context, const Rule& rule, Activation activation, Tensor& y) {
  launch(context.cuda().stream(), "cell_forward", fill_maps<Rule>,
         full_grid(y.elements(), block_threads), rule, activation, Extent(y.shape()), y.data());
}

__device__ Decision decision_of(const Site& site) {
  return {site.decision, site.image, site.channel, site.place_y, site.place_x};
}

/// A rule's gradients, for fill_windows.
template <class Rule>
struct Gradients {
  static constexpr int at_once = 1;
  Rule rule;
  Above above;

  __device__ void add(const Site& site, const int (&channels)[1], float (&sums)[1]) const {
    sums[0] += rule.gradient(above, decision_of(site), channels[0], site.map_y, site.map_x);
  }
};
template <>
struct Gradients<LayerNormRule> {
  static constexpr int at_once = 1;
  LayerNormRule rule;
  Above above;

  __device__ void add(const Site& site, const int (&channels)[1], float (&sums)[1]) const {
    const int64_t cell = site.window_y * rule.columns + site.window_x;
    sums[0] +=
        rule.gradient_at(above, decision_of(site), channels[0], site.map_y, site.map_x, cell);
  }
};

template <class Rule>
void launch_windows(const Context& context, const Rule& rule, const Above& above,
                    const GradientBelow& below) {
  if (below.batch.decisions() == 0) return;
  launch_fill(context, "cell_window", DeviceTarget(below, 0, below.batch.decisions()),
              Gradients<Rule>{rule, above});
}

__global__ void __launch_bounds__(block_threads)
    find_moments(const LayerNormRule rule, int64_t cells) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= cells) return;
  const int64_t cell = i % rule.plane;
  rule.find(static_cast<int>(i / rule.plane), static_cast<int>(cell / rule.columns),
            static_cast<int>(cell % rule.columns),
            rule.moments + i * LayerNormRule::forward_moments);
}

__global__ void __launch_bounds__(block_threads)
    find_gradient_moments(const DeviceTarget target, const LayerNormRule rule, const Above above) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= target.cells) return;
  const Site site = site_of(target, static_cast<uint32_t>(i));
  if (!site.inside) return;
  rule.find_gradients(above, decision_of(site), site.map_y, site.map_x,
                      rule.moments + i * LayerNormRule::backward_moments);
}

}  // namespace

void cell_forward(const Context& context, const CellOp& op, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y) {
  if (op.formula != CellFormula::layer_norm) {
    return with_rule(forward_arguments(op, inputs, weight, bias, y),
                     [&](const auto& rule) { launch_maps(context, rule, op.activation, y); });
  }
  const Shape& shape = y.shape();
  const LayerNormRule rule =
      norm_rule(op, *inputs[0], weight, bias, scratch.data(), shape[2], shape[3]);
  const int64_t cells = shape[0] * rule.plane;
  launch(context.cuda().stream(), "layer_norm_moments", find_moments,
         full_grid(cells, block_threads), rule, cells);
  launch_maps(context, rule, op.activation, y);
}

void cell_window_backward(const Context& context, const CellOp& op, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& batch_above, const GradientBelow& below) {
  const WindowBatch& batch = below.batch;
  const Above above(batch_above);
  if (op.formula != CellFormula::layer_norm) {
    return with_rule(backward_arguments(op, which, features, weight, batch_above, batch),
                     [&](const auto& rule) { launch_windows(context, rule, above, below); });
  }
  if (batch.decisions() == 0) return;
  Tensor moments = take_tensor<float>(
      *batch.pool, {batch.decisions() * batch.window.area() * LayerNormRule::backward_moments});
  const LayerNormRule rule = norm_rule(op, *features[which], weight, nullptr, moments.data(),
                                       batch.window.y.size, batch.window.x.size);
  const DeviceTarget target(below, 0, batch.decisions());
  launch(context.cuda().stream(), "layer_norm_gradients", find_gradient_moments,
         full_grid(target.cells, block_threads), target, rule, above);
  launch_windows(context, rule, above, below);
}

}  // namespace hdecomp::cuda
