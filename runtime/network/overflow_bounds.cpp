/// The walk over a network that bounds its features.
#include "runtime/network/overflow_bounds.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "hdecomp/error.h"
#include "kernels/core/parallel.h"
#include "kernels/product/narrow_weights_cpu.h"
#include "nets/layer_names.h"
#include "nets/op_traits.h"

namespace hdecomp {
namespace {

/// Sums may stop here. Winograd's F(4x4, 3x3) passes through numbers up to 10^2 * 19^2 = 36,100
/// times as large as its result's bound, a mean over a map through one as large as its area.
constexpr double most_sum = FLT_MAX / 1e5;

/// A watched layer's magnitude while no image is there: more than networks that work have. A larger
/// one costs a closer look (overflow_check.h).
constexpr double usual_magnitude = 1e6;

/// fp16 rounds to infinity from here; the other precisions have float32's exponents.
double most_factor(Precision precision) {
  return precision == Precision::fp16 ? 65520 : std::numeric_limits<double>::infinity();
}

struct RowSizes {
  float sum = 0, most = 0;  // of |w|
};

/// Of floats or Bf16.
template <class Number>
RowSizes row_sizes(const Number* row, int64_t n) {
  float sum = 0, most = 0;
#pragma omp simd reduction(+ : sum) reduction(max : most)
  for (int64_t i = 0; i < n; ++i) {
    const float size = std::fabs(float{row[i]});
    sum += size;
    most = std::max(most, size);
  }
  return {sum, most};
}

}  // namespace

OverflowBounds::OverflowBounds(const Context& context, const ModelData& model, double input)
    : graph_(model.graph),
      input_(input),
      most_factor_(most_factor(context.precision())),
      gains_(model.graph.nodes.size()),
      factor_(model.graph.nodes.size(), false) {
  std::vector<bool> watched(gains_.size(), false);
  std::vector<double> bounds(gains_.size());
  const auto watch = [&](int node, double most) {
    watched[node] = true;
    if (!(bounds[node] <= most)) bounds[node] = most;
  };
  for (int i = 0; i <= graph_.scores(); ++i) {
    const Node& node = graph_.nodes[i];
    if (has_weights(node)) measure_gain(context, model, i);
    if (traits(node.op).channels == Channels::mixed) {
      factor_[node.inputs[0]] = true;
      if (bounds[node.inputs[0]] >= most_factor_) watch(node.inputs[0], most_factor_);
    }
    bounds[i] = bound(i, 0, bounds);
    if (bounds[i] <= most_sum) continue;
    if (i == 0) watch(i, usual_magnitude);
    for (const int below : node.inputs) watch(below, usual_magnitude);
    bounds[i] = bound(i, 0, bounds);
  }
  for (size_t i = 0; i < watched.size(); ++i) {
    if (watched[i]) watched_.push_back(static_cast<int>(i));
  }
}

void OverflowBounds::measure_gain(const Context& context, const ModelData& model, int node) {
  const Tensor &weight = model.layers.at(node).weight, &bias = model.layers[node].bias;
  const int64_t outputs = weight.shape()[0], terms = weight.elements() / outputs;
  std::vector<RowSizes> rows(outputs);
  cpu::with_numbers(weight, cpu::find_narrow(context, weight), [&](const auto* numbers) {
    parallel_for(context, outputs,
                 [&](int64_t k) { rows[k] = row_sizes(numbers + k * terms, terms); });
  });
  float most = 0;
  gains_[node].factor = 0;
  for (const RowSizes& row : rows) {
    gains_[node].factor = std::max<double>(gains_[node].factor, row.sum);
    most = std::max(most, row.most);
  }
  for (const float b : bias.span()) {
    gains_[node].bias = std::max<double>(gains_[node].bias, std::fabs(b));
  }
  const bool is_factor = traits(graph_.nodes[node].op).channels == Channels::mixed;
  if (most < most_factor_ || !is_factor) return;
  throw UserError(joined("layer ", layer_label(graph_, node), ": a weight's magnitude is ", most,
                         ", beyond fp16's largest number, 65504; give --precision bf16, tf32 or "
                         "float32"));
}

/// Of a node's sums, before its ReLU, from the bounds of those below.
double OverflowBounds::bound(int node, double input, std::span<const double> below) const {
  const Node& it = graph_.nodes[node];
  if (node == 0) return std::max(input_, input);
  std::vector<double> inputs;
  for (const int under : it.inputs) inputs.push_back(below[under]);
  return traits(it.op).bound(it, graph_.shapes[node],
                             {inputs, gains_[node].factor, gains_[node].bias});
}

bool OverflowBounds::holds(std::span<const float> magnitudes, double input) const {
  std::vector<double> bounds(gains_.size());
  size_t next = 0;
  for (int i = 0; i <= graph_.scores(); ++i) {
    bounds[i] = bound(i, input, bounds);
    const bool is_watched = next < watched_.size() && watched_[next] == i;
    if (i > 0 && !(bounds[i] <= most_sum)) return false;
    if (!is_watched) continue;
    const float magnitude = magnitudes[next++];
    if (!std::isfinite(magnitude)) return false;
    if (!(bounds[i] <= magnitude)) bounds[i] = magnitude;
  }
  return true;
}

int OverflowBounds::too_large(std::span<const float> magnitudes) const {
  if (std::isinf(most_factor_)) return -1;
  for (size_t k = 0; k < watched_.size(); ++k) {
    if (factor_[watched_[k]] && magnitudes[k] >= most_factor_) return static_cast<int>(k);
  }
  return -1;
}

double largest_input(const Preprocess& rule) {
  double largest = 0;
  for (size_t c = 0; c < rule.mean.size(); ++c) {
    for (const double value : {0.0, 1.0}) {
      largest = std::max(largest, std::fabs(value - rule.mean[c]) / rule.std[c]);
    }
  }
  return largest;
}

}  // namespace hdecomp
