/// Recorded trees next to each other, and after a failure: on the emulated GPU, where memory can be
/// made to run out.
#include <gtest/gtest.h>

#include "cuda_emulator.h"
#include "hdecomp/error.h"
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
    const TreeQuestion a = question_of(net.graph(), 2), b = question_of(net.graph(), top, 3);
    const auto expected_a = build_trees(net.windows, a, roots);
    const auto expected_b = build_trees(net.windows, b, roots);
    // A fresh engine, whose pool holds nothing of build_trees.
    DeviceNet fresh(slim_model("vgg16", 96), {gpu, 2});
    fresh.forward(noise_batch(96, 20, 2));
    TreeRecordings recordings(fresh.windows, 2);
    const auto run = [&](const TreeQuestion& question) {
      return recorded_trees(fresh.windows, question, roots, recordings);
    };
    expect_equal_trees(run(a), expected_a, 1e-4);
    for (int round = 0; round < 3; ++round) {
      expect_equal_trees(run(a), expected_a, 1e-4);
      expect_equal_trees(run(b), expected_b, 1e-4);
    }
  }
}

/// Trees of many kinds, one after the other.
TEST(RecordedTreesOnCuda, TheLongestUnusedRecordingGoesBeyondTheLimits) {
  DeviceNet net(slim_model("vgg11", 64), {gpu, 1});
  const auto of = [&](TreeRecordings& recordings, int top) {
    return recordings.of(question_of(net.graph(), top, 2));
  };
  TreeRecordings by_count(net.windows, 1, {.count = 2});
  const std::weak_ptr<RecordedLevels> first = of(by_count, 1), second = of(by_count, 2);
  EXPECT_EQ(of(by_count, 1), first.lock());
  of(by_count, 3);
  EXPECT_FALSE(first.expired());
  EXPECT_TRUE(second.expired());
  TreeRecordings by_bytes(net.windows, 1, {.bytes = 1});
  const std::weak_ptr<RecordedLevels> large = of(by_bytes, 2);
  EXPECT_FALSE(large.expired());  // the newest stays
  const auto used = large.lock();
  of(by_bytes, 3);
  EXPECT_FALSE(large.expired());  // whoever uses it keeps it
}

/// Gives the emulated device its memory back.
struct DeviceMemory {
  ~DeviceMemory() { emulator::set_device_memory(size_t{16} << 30); }
};

/// One after the other they need much more than the device has.
TEST(RecordedTreesOnCuda, ManyKindsOfTreesFitADeviceThatHoldsTheLargest) {
  const auto explain = [](DeviceNet& net, TreeRecordings& recordings, int top) {
    net.forward(noise_image(64, 20));
    return recorded_trees(net.windows, question_of(net.graph(), top, 3), strongest_classes(net, 1),
                          recordings);
  };
  const DeviceMemory limited;
  constexpr int largest = 6;
  std::vector<BuiltTree> expected;
  size_t needed = 0;
  {
    DeviceNet net(slim_model("vgg11", 64), {gpu, 1});
    TreeRecordings recordings(net.windows, 1);
    expected = explain(net, recordings, largest);
    needed = emulator::allocated_bytes();
  }
  {
    DeviceNet net(slim_model("vgg11", 64), {gpu, 1});
    TreeRecordings recordings(net.windows, 1);
    explain(net, recordings, largest);  // what ops work in
    emulator::set_device_memory(needed + (size_t{1} << 18));
    for (int round = 0; round < 2; ++round) {
      for (int top = 1; top <= largest; ++top) {
        SCOPED_TRACE(joined("top ", top));
        const std::vector<BuiltTree> trees = explain(net, recordings, top);
        if (top == largest) expect_equal_trees(trees, expected, 0);
      }
    }
  }
}

/// A level that stops half-way must leave nothing behind that the next one would add to.
TEST(RecordedTreesOnCuda, OutOfMemoryInALevelLeavesTheEngineUsable) {
  DeviceNet good(slim_model("vgg16", 96), {gpu, 1});
  good.forward(noise_image(96, 20));
  const std::vector<Neuron> roots = strongest_classes(good, 1);
  const TreeQuestion question = question_of(good.graph(), 2);
  const auto expected = build_trees(good.windows, question, roots);
  int failures = 0;
  for (int skip = 0; skip < 80; skip += 2) {
    SCOPED_TRACE(skip);
    DeviceNet net(slim_model("vgg16", 96), {gpu, 1});
    net.forward(noise_image(96, 20));
    emulator::fail_next_malloc(skip);
    try {
      build_trees(net.windows, question, roots);
    } catch (const Error&) {
      ++failures;
    }
    emulator::fail_next_malloc(0, 0);
    expect_equal_trees(build_trees(net.windows, question, roots), expected, 1e-6);
  }
  EXPECT_GT(failures, 3);
}

}  // namespace
}  // namespace hdecomp
