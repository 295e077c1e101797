/// A network's gradients and values in double precision on the features that float32 has computed,
/// and how far float32's rounding spreads each of them: what tells rounding from a fault.
#pragma once

#include <vector>

#include "tests/support/device_net.h"

namespace hdecomp::testing_models {

using Doubles = std::vector<double>;

/// Numbers of one layer; `spread` is what rounding adds to them, a standard deviation.
struct Exact {
  Doubles value, spread;
};

/// A normal error is larger than six of its spreads once in 5e8.
constexpr double most_spreads = 6;
/// Of 8 samples a spread is known to a quarter: an error is beyond six of such estimates once in
/// 3000. What is there is judged by many.
constexpr int few_samples = 8, many_samples = 256;

class RoundingError;

class ExactNet {
 public:
  /// After net's forward pass; of one image of it.
  explicit ExactNet(const DeviceNet& net, int64_t image = 0);

  const Doubles& feature(int node) const { return features_[node]; }

  /// The gradient of a neuron to a layer below, by float32's own gates.
  Exact gradient(int from, const Neuron& neuron, int to, int samples = few_samples) const;

  /// Of layer `from`, with the layer `to` below it replaced by `feature`.
  Exact values(int from, int to, const Doubles& feature, int samples = few_samples) const;

  /// One neuron of it, without the spread.
  double value(int from, const Neuron& neuron, int to, const Doubles& feature) const;

 private:
  /// Each without rounding where `rounding` is null.
  Doubles gradient_of(int from, const Neuron& neuron, int to, RoundingError* rounding) const;
  Doubles values_of(int from, int to, const Doubles& feature, RoundingError* rounding) const;
  Doubles value_of_node(int index, const std::vector<Doubles>& features,
                        RoundingError* rounding) const;
  /// How often a slope itself is rounded, of functions and norms.
  double own_roundings(int index) const;
  size_t elements(int node) const { return static_cast<size_t>(graph_.shapes[node].elements()); }

  const Graph& graph_;
  std::vector<Doubles> features_, weights_, biases_;
};

}  // namespace hdecomp::testing_models
