/// Recorded trees next to each other, and after a failure: on the emulated GPU, where memory can be
/// made to run out.
#include <gtest/gtest.h>

#include "cuda_emulator.h"
#include "hdecomp/error.h"
#include "runtime/tree/recorded_trees.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;

constexpr Device gpu{DeviceKind::cuda, 0};

/// A second recording takes memory between the first one's run and its replay: a capture must not
/// be left without spare buffers.
TEST(RecordedTreesOnCuda, TwoOfOneEngineMadeInTurn) {
  for (const int top : {1, 3, 4}) {
    DeviceNet net(slim_model("vgg16", 96), {gpu, 2});
    net.forward(noise_batch(96, 20, 2));
    const std::vector<Neuron> roots = strongest_classes(net, 2);
    const TreeQuestion a = plan_of(net.graph(), 2), b = plan_of(net.graph(), top, 3);
    const auto expected_a = build_trees(net.windows, a, roots);
    const auto expected_b = build_trees(net.windows, b, roots);
    // A fresh engine, whose pool holds nothing of build_trees.
    DeviceNet fresh(slim_model("vgg16", 96), {gpu, 2});
    fresh.forward(noise_batch(96, 20, 2));
    RecordedTrees one(fresh.windows, a, 2);
    expect_equal_trees(one.run(roots), expected_a, 1e-4);
    RecordedTrees other(fresh.windows, b, 2);
    for (int round = 0; round < 3; ++round) {
      expect_equal_trees(one.run(roots), expected_a, 1e-4);
      expect_equal_trees(other.run(roots), expected_b, 1e-4);
    }
  }
}

/// A level that stops half-way must leave nothing behind that the next one would add to.
TEST(RecordedTreesOnCuda, OutOfMemoryInALevelLeavesTheEngineUsable) {
  DeviceNet good(slim_model("vgg16", 96), {gpu, 1});
  good.forward(noise_image(96, 20));
  const std::vector<Neuron> roots = strongest_classes(good, 1);
  const TreeQuestion plan = plan_of(good.graph(), 2);
  const auto expected = build_trees(good.windows, plan, roots);
  int failures = 0;
  for (int skip = 0; skip < 80; skip += 4) {
    SCOPED_TRACE(skip);
    DeviceNet net(slim_model("vgg16", 96), {gpu, 1});
    net.forward(noise_image(96, 20));
    emulator::fail_next_malloc(skip);
    try {
      build_trees(net.windows, plan, roots);
    } catch (const Error&) {
      ++failures;
    }
    emulator::fail_next_malloc(0, 0);
    expect_equal_trees(build_trees(net.windows, plan, roots), expected, 1e-6);
  }
  EXPECT_GT(failures, 3);
}

}  // namespace
}  // namespace hdecomp
