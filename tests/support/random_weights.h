/// Networks built by hand with seeded weights.
#pragma once

#include <cmath>

#include "nets/builder.h"
#include "tests/support/op_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp::testing_models {

/// A graph without shapes as a network for an input: weights of He's size, small biases.
inline ModelData with_random_weights(Graph graph, const FeatureShape& input, uint64_t seed) {
  ModelData model;
  model.graph = std::move(graph);
  infer_shapes(model.graph, input);
  model.layers.resize(model.graph.nodes.size());
  for (int i = 0; i <= model.graph.scores(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    const Shape shape(weight_dims(model.graph, i));
    const auto fan_in = static_cast<float>(shape.elements() / shape[0]);
    const float size = std::sqrt(6 / fan_in);  // of uniform numbers: a variance of 2 / fan_in
    const uint64_t own = seed * 1000 + static_cast<uint64_t>(i);
    model.layers[i].weight = op_testing::random_tensor(shape, own, -size, size);
    const Shape bias(bias_dims(model.graph, i));
    if (bias.rank() == 0) continue;
    model.layers[i].bias = op_testing::random_tensor(bias, own + 500, -0.2f, 0.2f);
  }
  return model;
}

/// Convolutions of two groups, as in the first AlexNet, and of a group per channel.
inline ModelData grouped_model() {
  GraphBuilder net("grouped");
  int top = net.conv(net.input(), "first", 8, {3, 1, 1}, Activation::relu, {});
  top = net.conv(top, "halves", 12, {3, 1, 1}, Activation::relu, {}, 2);
  top = net.conv(top, "depthwise", 12, {3, 2, 1}, Activation::relu, {}, 12);
  top = net.conv(top, "last", 6, {1, 1, 0}, Activation::relu, {});
  net.linear(top, "scores", 3, Activation::none, {});
  return with_random_weights(net.take(), {3, 24, 24}, 5);
}

}  // namespace hdecomp::testing_models
