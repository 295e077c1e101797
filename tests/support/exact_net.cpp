/// The exact network: sums over every op's Jacobian, entry by entry.
#include "tests/support/exact_net.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/support/slopes.h"

namespace hdecomp::testing_models {

/// Rounding by Monte Carlo arithmetic (Parker 1997): the same computation in double precision, each
/// sum with a normal error of the size that its float32 roundings have together. In a random order,
/// the partial sums of n terms t are as large as sqrt(sum t^2 + (sum t)^2), each is rounded by
/// u = 2^-24 at most, and so is each product. Errors go on through the network as they would, so
/// what cancels and what amplifies counts, which a bound of magnitudes can not tell.
class RoundingError {
 public:
  explicit RoundingError(uint32_t seed) : random_(seed) {}

  /// Of a sum of `terms` terms, whose squares make `squares`.
  double of(double sum, double squares, int terms) {
    if (terms == 0) return sum;
    const double size = std::sqrt((terms + 1.0) * (squares + sum * sum));
    return sum + 0x1p-24 * size * normal_(random_);
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
};

namespace {

/// Numbers while terms add up to them.
struct Sums {
  Doubles value, squares;
  std::vector<int> terms;

  explicit Sums(size_t count = 0) : value(count), squares(count), terms(count) {}
  void add(int64_t at, double term, double slope_error) {
    value[at] += term;
    squares[at] += term * term + slope_error * slope_error;
    terms[at] += term != 0 || slope_error != 0;
  }
  void round(RoundingError* rounding) {
    for (size_t i = 0; rounding && i < value.size(); ++i) {
      value[i] = rounding->of(value[i], squares[i], terms[i]);
    }
  }
};

template <class Compute>
Exact sampled(int samples, Compute compute) {
  Exact result{compute(nullptr), {}};
  result.spread.assign(result.value.size(), 0);
  for (int seed = 1; seed <= samples; ++seed) {
    RoundingError rounding(seed);
    const Doubles rounded = compute(&rounding);
    for (size_t i = 0; i < rounded.size(); ++i) {
      result.spread[i] += std::pow(rounded[i] - result.value[i], 2) / samples;
    }
  }
  for (double& spread : result.spread) spread = std::sqrt(spread);
  return result;
}

Doubles doubles(const Tensor& tensor) {
  return Doubles(tensor.span().begin(), tensor.span().end());
}

}  // namespace

ExactNet::ExactNet(const DeviceNet& net, int64_t image) : graph_(net.graph()) {
  for (int i = 0; i <= graph_.scores(); ++i) {
    const Tensor all = net.feature(i);
    const auto first = all.span().begin() + image * graph_.shapes[i].elements();
    features_.emplace_back(first, first + graph_.shapes[i].elements());
    const bool weights = has_weights(graph_.nodes[i]);
    const LayerWeights& layer = net.model->layers[i];
    const auto host = [&](const Tensor& tensor) {
      return weights && tensor.data() ? doubles(copied_to(Device{}, net.context, tensor))
                                      : Doubles{};
    };
    weights_.push_back(host(layer.weight));
    biases_.push_back(host(layer.bias));
  }
}

Exact ExactNet::gradient(int from, const Neuron& neuron, int to, int samples) const {
  return sampled(samples,
                 [&](RoundingError* rounding) { return gradient_of(from, neuron, to, rounding); });
}

Exact ExactNet::values(int from, int to, const Doubles& feature, int samples) const {
  return sampled(samples,
                 [&](RoundingError* rounding) { return values_of(from, to, feature, rounding); });
}

double ExactNet::value(int from, const Neuron& neuron, int to, const Doubles& feature) const {
  const int64_t at = Slopes::at(graph_.shapes[from], neuron.channel, neuron.y, neuron.x);
  return values_of(from, to, feature, nullptr)[at];
}

Doubles ExactNet::gradient_of(int from, const Neuron& neuron, int to,
                              RoundingError* rounding) const {
  const std::vector<bool> between = nodes_between(graph_, from, to);
  std::vector<Sums> all(from + 1);
  const FeatureShape& shape = graph_.shapes[from];
  all[from] = Sums(elements(from));
  all[from].value[Slopes::at(shape, neuron.channel, neuron.y, neuron.x)] = 1;
  for (int i = from; i > to; --i) {
    if (!between[i]) continue;
    const Node& node = graph_.nodes[i];
    const Slopes slopes(graph_, i, features_, weights_[i]);
    Sums& above = all[i];
    above.round(rounding);
    for (size_t o = 0; o < above.value.size(); ++o) {
      const bool open = passes(node.activation, static_cast<float>(features_[i][o]));
      if (!open) above.value[o] = 0;
    }
    for (size_t which = 0; which < node.inputs.size(); ++which) {
      const int input = node.inputs[which];
      if (!between[input]) continue;
      if (all[input].value.empty()) all[input] = Sums(elements(input));
      slopes.each(which, [&](int64_t out, int64_t in, const Slope& slope) {
        const double g = above.value[out];
        all[input].add(in, slope.value * g, own_roundings(i) * slope.size * g);
      });
    }
  }
  all[to].round(rounding);
  return all[to].value;
}

Doubles ExactNet::values_of(int from, int to, const Doubles& feature,
                            RoundingError* rounding) const {
  const std::vector<bool> between = nodes_between(graph_, from, to);
  std::vector<Doubles> features = features_;
  features[to] = feature;
  for (int i = to + 1; i <= from; ++i) {
    if (between[i]) features[i] = value_of_node(i, features, rounding);
  }
  return features[from];
}

Doubles ExactNet::value_of_node(int index, const std::vector<Doubles>& features,
                                RoundingError* rounding) const {
  const Node& node = graph_.nodes[index];
  const Slopes slopes(graph_, index, features, weights_[index]);
  const bool by_value =
      node.op == Op::activation || node.op == Op::lrn || node.op == Op::layer_norm;
  const bool product = node.op == Op::mul || node.op == Op::div;
  const bool own_bias = node.op == Op::affine_map;
  Sums sums(elements(index));
  for (size_t which = 0; which < (product ? 1 : node.inputs.size()); ++which) {
    const Doubles& x = features[node.inputs[which]];
    slopes.each(which, [&](int64_t out, int64_t in, const Slope& slope) {
      const double term = slope.value * x[in];
      sums.add(out, by_value ? 0 : term, by_value ? slope.size * x[in] : 0);
    });
  }
  int64_t at = 0;
  slopes.each_cell([&](int64_t c, int64_t i, int64_t j) {
    if (by_value) sums.add(at, slopes.value(c, i, j), 0);
    if (!biases_[index].empty()) sums.add(at, biases_[index][own_bias ? at : c], 0);
    ++at;
  });
  sums.round(rounding);
  for (double& value : sums.value) {
    if (node.activation != Activation::none) value = std::max(value, 0.0);
    if (node.activation == Activation::relu6) value = std::min(value, 6.0);
  }
  return sums.value;
}

double ExactNet::own_roundings(int index) const {
  switch (graph_.nodes[index].op) {
    case Op::activation:
    case Op::div:
      return 4;
    case Op::lrn:
      return 8;
    case Op::layer_norm:
      return 2 + std::sqrt(2.0 * static_cast<double>(graph_.shapes[index].channels));
    default:
      return 0;
  }
}

}  // namespace hdecomp::testing_models
