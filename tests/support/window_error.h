/// How far a level's windows are from the dense gradients, for decisions anywhere in a layer.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "tests/support/device_net.h"
#include "tests/support/exact_net.h"

namespace hdecomp::testing_models {

/// Neurons of a layer with a positive value after net's forward pass: one in each of two corners if
/// there are, and random ones; at most `count`.
inline std::vector<Neuron> positive_neurons(const DeviceNet& net, int node, int count,
                                            std::mt19937& random) {
  const FeatureShape& shape = net.graph().shapes[node];
  const Tensor feature = net.feature(node);
  std::vector<Neuron> found;
  const auto add_if_positive = [&](const Neuron& neuron) {
    const int64_t row = neuron.channel * shape.height + neuron.y;
    if (feature.data()[row * shape.width + neuron.x] > 0) found.push_back(neuron);
  };
  for (int64_t c = 0; c < shape.channels && found.empty(); ++c) add_if_positive({c, 0, 0});
  for (int64_t c = 0; c < shape.channels && found.size() < 2; ++c) {
    add_if_positive({c, shape.height - 1, shape.width - 1});
  }
  for (int tries = 0; tries < 1000 && std::ssize(found) < count; ++tries) {
    const auto channel = static_cast<int64_t>(random() % shape.channels);
    const auto y = static_cast<int64_t>(random() % shape.height);
    add_if_positive({channel, y, static_cast<int64_t>(random() % shape.width)});
  }
  return found;
}

/// The largest difference of one decision's window from its dense gradient, over the largest value
/// of this; NaN if either holds one.
inline double decision_error(const WindowBatch& batch, int64_t d, const Tensor& dense) {
  const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
  const int64_t top = wy.begin(batch.places[d].y), left = wx.begin(batch.places[d].x);
  double difference = 0, largest = 0;
  for (int64_t i = 0; i < dense.elements(); ++i) {
    const int64_t c = i / (wy.map * wx.map);
    const int64_t y = i / wx.map % wy.map - top, x = i % wx.map - left;
    const bool inside = y >= 0 && y < wy.size && x >= 0 && x < wx.size;
    const float ours = inside ? batch.plane(c, d)[y * wx.size + x] : 0.0f;
    if (std::isnan(ours - dense.data()[i])) return ours - dense.data()[i];
    difference = std::max<double>(difference, std::abs(ours - dense.data()[i]));
    largest = std::max<double>(largest, std::abs(dense.data()[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

/// The largest of all decisions' errors, each over its own gradient: a wrong small decision does
/// not hide beside a large one.
inline double window_error(DeviceNet& net, int from, const std::vector<Neuron>& neurons, int to) {
  const WindowBatch batch = net.gradients(from, neurons, to);
  double worst = 0;
  for (int64_t d = 0; d < batch.decisions(); ++d) {
    const double error = decision_error(batch, d, net.gradient(from, batch.places[d], to));
    if (!(error <= worst)) worst = error;  // a NaN, too
    if (std::isnan(worst)) return worst;
  }
  return worst;
}

/// Whether numbers in float32 are those of one image, exact(samples), but for what rounding makes
/// of them: the largest difference against the largest spread.
inline ::testing::AssertionResult is_exact(const Tensor& ours,
                                           const std::function<Exact(int samples)>& exact) {
  double difference = 0, spread = 0;
  for (const int samples : {few_samples, many_samples}) {
    const Exact now = exact(samples);
    difference = 0;
    for (size_t i = 0; i < now.value.size(); ++i) {
      const double own = std::abs(ours.data()[i] - now.value[i]);
      if (!(own <= difference)) difference = own;
    }
    spread = *std::ranges::max_element(now.spread);
    if (difference <= most_spreads * spread) return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "off by " << difference << ", which is "
                                       << difference / spread << " spreads of rounding";
}

/// One decision's window as a map, zero around it.
inline Tensor map_of(const WindowBatch& batch, int64_t d) {
  const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
  Tensor map(Device{}, {1, batch.channels, wy.map, wx.map});
  std::ranges::fill(map.span(), 0.0f);
  const int64_t top = wy.begin(batch.places[d].y), left = wx.begin(batch.places[d].x);
  for (int64_t c = 0; c < batch.channels; ++c) {
    for (int64_t i = 0; i < wy.size * wx.size; ++i) {
      const int64_t y = top + i / wx.size, x = left + i % wx.size;
      if (y < 0 || y >= wy.map || x < 0 || x >= wx.map) continue;
      map.data()[(c * wy.map + y) * wx.map + x] = batch.plane(c, d)[i];
    }
  }
  return map;
}

/// Whether a level's windows are the dense gradients: to 1e-5 of each one's largest value, or,
/// where its terms cancel, both the exact gradient but for what float32's rounding makes of it.
inline ::testing::AssertionResult windows_are_dense(DeviceNet& net, int from,
                                                    const std::vector<Neuron>& neurons, int to) {
  const WindowBatch batch = net.gradients(from, neurons, to);
  std::optional<ExactNet> exact;
  for (int64_t d = 0; d < batch.decisions(); ++d) {
    const Neuron& neuron = neurons[d];
    const Tensor dense = net.gradient(from, neuron, to);
    const double error = decision_error(batch, d, dense);
    if (error < 1e-5) continue;  // NaN is not
    if (!exact) exact.emplace(net, neuron.image);
    const auto gradient = [&](int samples) { return exact->gradient(from, neuron, to, samples); };
    const Tensor windowed = map_of(batch, d);
    for (const Tensor* each : {&windowed, &dense}) {
      if (const auto right = is_exact(*each, gradient); !right) {
        return ::testing::AssertionFailure()
               << net.graph().nodes[from].name << " to " << net.graph().nodes[to].name
               << ": windows differ by " << error << " of the largest value; " << right.message();
      }
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace hdecomp::testing_models
