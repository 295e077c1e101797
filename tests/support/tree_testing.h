/// Whole trees of test networks: how they are planned, run and compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "runtime/tree/tree_run.h"
#include "tests/support/device_net.h"

namespace hdecomp::testing_models {

/// From the scores through the stage ends, the last one first; `depth` 0: all of them.
inline TreeQuestion question_of(const Graph& graph, int top, int depth = 0) {
  TreeQuestion question;
  question.from = graph.scores();
  question.levels = stages_from_above(graph);
  if (depth > 0 && depth < std::ssize(question.levels)) question.levels.resize(depth);
  question.top = top;
  question.keep_maps = true;
  return question;
}

/// `count` images of noise, (count, 3, height, width); image i is that of seed first + i.
inline Tensor noise_batch(const PixelSize& size, uint32_t first, int64_t count) {
  Tensor batch({}, {count, 3, size.height, size.width});
  for (int64_t i = 0; i < count; ++i) {
    const Tensor one = noise_image(size, first + static_cast<uint32_t>(i));
    std::ranges::copy(one.span(), batch.data() + i * one.elements());
  }
  return batch;
}

/// The strongest class of each of the first `count` images.
inline std::vector<Neuron> strongest_classes(const DeviceNet& net, int64_t count) {
  std::vector<Neuron> roots;
  for (int64_t i = 0; i < count; ++i) roots.push_back(net.strongest(net.graph().scores(), i));
  return roots;
}

/// A node's neurons with their values, in rows as given. Waits for the device.
inline std::vector<ValuedNeuron> valued(const Executor& executor, int node,
                                        const std::vector<Neuron>& neurons) {
  const std::vector<float> values = executor.values(node, neurons);
  std::vector<ValuedNeuron> result;
  for (size_t i = 0; i < neurons.size(); ++i) {
    result.push_back({neurons[i], values[i], static_cast<int64_t>(i)});
  }
  return result;
}

/// The roots' trees, the host leading.
inline std::vector<BuiltTree> build_trees(WindowExecutor& windows, const TreeQuestion& question,
                                          const std::vector<Neuron>& roots) {
  return TreeRun(windows, question).finish(valued(windows.executor(), question.from, roots));
}
/// The same trees, recorded where they can be.
inline std::vector<BuiltTree> recorded_trees(WindowExecutor& windows, const TreeQuestion& question,
                                             const std::vector<Neuron>& roots,
                                             TreeRecordings& recordings) {
  return TreeRun(windows, question, &recordings)
      .finish(valued(windows.executor(), question.from, roots));
}

inline void visit(const TreeNode& node, const std::function<void(const TreeNode&)>& body) {
  body(node);
  for (const TreeNode& child : node.children()) visit(child, body);
}

/// What a device's sums may differ by from another's, or from its own in another batch, relative to
/// a tree's number (a list's largest).
constexpr double tree_tolerance = 1e-4;

inline void expect_close(double actual, double expected, double tolerance) {
  EXPECT_LE(std::abs(actual - expected), tolerance * std::abs(expected))
      << actual << ", expected " << expected;
}
inline void expect_close(std::span<const float> actual, std::span<const float> expected,
                         double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  double most = 0;
  for (const float value : expected) most = std::max<double>(most, std::abs(value));
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_LE(std::abs(double{actual[i]} - expected[i]), tolerance * most)
        << "element " << i << ": " << actual[i] << ", expected " << expected[i];
  }
}

/// The same layers, channels and peaks; every number within `tolerance`, with 0 the same bits.
inline void expect_equal_trees(const TreeNode& actual, const TreeNode& expected, double tolerance) {
  ASSERT_EQ(actual.layer, expected.layer);
  SCOPED_TRACE(expected.layer);
  ASSERT_EQ(actual.channel, expected.channel);
  ASSERT_EQ(actual.y, expected.y);
  ASSERT_EQ(actual.x, expected.x);
  expect_close(actual.value, expected.value, tolerance);
  expect_close(actual.contribution, expected.contribution, tolerance);
  expect_close(actual.peak, expected.peak, tolerance);
  ASSERT_EQ(actual.map == nullptr, expected.map == nullptr);
  if (expected.map) expect_close(actual.map->whole(), expected.map->whole(), tolerance);
  ASSERT_EQ(actual.step == nullptr, expected.step == nullptr);
  if (expected.step) {
    expect_close(actual.step->contribution, expected.step->contribution, tolerance);
    expect_close(actual.step->mean_gradient, expected.step->mean_gradient, tolerance);
    expect_close(actual.step->max_gradient, expected.step->max_gradient, tolerance);
    EXPECT_EQ(actual.step->chosen, expected.step->chosen);
    if (tolerance == 0) {
      EXPECT_EQ(actual.step->position, expected.step->position);
    }
  }
  ASSERT_EQ(actual.children().size(), expected.children().size());
  for (size_t i = 0; i < expected.children().size(); ++i) {
    expect_equal_trees(actual.children()[i], expected.children()[i], tolerance);
    if (::testing::Test::HasFatalFailure()) return;
  }
}
inline void expect_equal_trees(const std::vector<BuiltTree>& actual,
                               const std::vector<BuiltTree>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(joined("tree ", i));
    expect_equal_trees(actual[i].root, expected[i].root, tolerance);
    EXPECT_EQ(actual[i].decompositions, expected[i].decompositions);
    EXPECT_EQ(actual[i].multiply_adds, expected[i].multiply_adds);
  }
}

}  // namespace hdecomp::testing_models
