/// How far a level's windows are from the dense gradients, for decisions anywhere in a layer.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/device_net.h"

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

}  // namespace hdecomp::testing_models
