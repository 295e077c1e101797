/// A small ONNX net's features, beside the map that they are computed from.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/network/executor.h"
#include "tests/support/op_testing.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/onnx/network.h"

namespace hdecomp::onnx_testing {

constexpr int map_side = 8, map_channels = 6;

/// A map of `map_channels` made by the convolution "x" of the image, and the feature of the last
/// node.
struct MapsOfNet {
  std::vector<float> x, y;
  FeatureShape shape;

  float at(int64_t c, int64_t i, int64_t j) const { return x[(c * map_side + i) * map_side + j]; }
};

inline MapsOfNet maps_of(OnnxFile& net, const std::string& output) {
  onnx::Network read = onnx::read_network(net.file(output, 18), 0);
  ModelData model;
  model.graph = std::move(read.graph);
  model.layers = std::move(read.layers);
  const Context context;
  Executor executor(context, model);
  executor.forward(op_testing::random_tensor({1, 3, map_side, map_side}, 4, -1, 1));
  const auto values = [&](int node) {
    const std::span<const float> all = executor.feature(node).span();
    return std::vector<float>(all.begin(), all.end());
  };
  const int last = model.graph.scores();
  return {values(1), values(last), model.graph.shapes[last]};
}

inline OnnxFile with_map() {
  OnnxFile net;
  return net.weight("w", {map_channels, 3, 1, 1}).node("Conv", {"image", "w"}, "x");
}

/// Every cell of the output is wanted(c, y, x), up to float32's rounding of the largest value.
inline void expect_values(const MapsOfNet& maps,
                          const std::function<double(int64_t, int64_t, int64_t)>& wanted) {
  double largest = 0;
  for (const float value : maps.y) largest = std::max(largest, std::abs(double{value}));
  size_t k = 0;
  for (int64_t c = 0; c < maps.shape.channels; ++c) {
    for (int64_t i = 0; i < maps.shape.height; ++i) {
      for (int64_t j = 0; j < maps.shape.width; ++j) {
        ASSERT_NEAR(maps.y[k++], wanted(c, i, j), 2e-6 * largest) << c << " " << i << " " << j;
      }
    }
  }
}

inline void add_reals(OnnxFile& net, const std::string& name, const std::vector<float>& values) {
  std::string raw(values.size() * sizeof(float), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  net.tensor(name, {static_cast<int64_t>(values.size())}, 1, message(9, raw));
}

}  // namespace hdecomp::onnx_testing
