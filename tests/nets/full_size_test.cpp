/// Networks of the published sizes: windows against dense gradients for sampled pairs of layers,
/// and other devices' trees against the CPU's. Minutes of work, so only where
/// HDECOMP_FULL_SIZE_TESTS is set.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/places.h"
#include "tests/support/same_pieces.h"
#include "tests/support/tree_testing.h"
#include "tests/support/window_error.h"
#include "weights/model/initialise.h"

namespace hdecomp {
namespace {

using namespace testing_models;

constexpr int pairs = 160;
constexpr int decisions = 2;

class FullSizeNet : public NetOnDevice {
 protected:
  void SetUp() override {
    if (!at_full_length()) {
      GTEST_SKIP() << "takes about two minutes in all; set HDECOMP_FULL_SIZE_TESTS=1 to run it";
    }
    NetOnDevice::SetUp();
  }
  /// With seeded weights.
  static ModelData model() {
    NetParams params = default_params(net().arch);
    params.input_size = net().input_size;
    return initialise_model(params, 1);
  }
};

auto on_full_size_nets(const std::vector<Device>& devices) {
  return on_devices(devices, Net{"vgg16", 224}, Net{"alexnet", 224}, Net{"resnet18", 224},
                    Net{"resnet50", 224});
}

class FullSize : public FullSizeNet {};
INSTANTIATE_TEST_SUITE_P(Nets, FullSize, on_full_size_nets(op_testing::test_devices()), net_name);
class FullSizeTrees : public FullSizeNet {};
INSTANTIATE_TEST_SUITE_P(Nets, FullSizeTrees, on_full_size_nets(op_testing::other_devices()),
                         net_name);

/// A layer and one below it, at random.
std::pair<int, int> random_pair(const Graph& graph, std::mt19937& random) {
  for (;;) {
    const int from = 1 + static_cast<int>(random() % (graph.nodes.size() - 1));
    const int to = static_cast<int>(random() % static_cast<size_t>(from));
    if (nodes_between(graph, from, to)[from]) return {from, to};
  }
}

TEST_P(FullSize, WindowsEqualTheDenseGradients) {
  DeviceNet whole(model(), {device()});
  whole.forward(image());
  const Graph& graph = whole.graph();
  std::mt19937 random(5);
  double worst = 0;
  std::string worst_pair;
  for (int i = 0; i < pairs; ++i) {
    const auto [from, to] = random_pair(graph, random);
    const std::vector<Neuron> neurons = positive_neurons(whole, from, decisions, random);
    ASSERT_FALSE(neurons.empty()) << graph.nodes[from].name;
    const double error = window_error(whole, from, neurons, to);
    const std::string pair = joined(graph.nodes[from].name, " to ", graph.nodes[to].name);
    EXPECT_LT(error, 1e-5) << pair;
    if (error > worst) worst = error, worst_pair = pair;
  }
  RecordProperty("largest_error", joined(worst));
  std::cout << net().arch << ": largest error " << worst << ", " << worst_pair << "\n";
}

bool are_close(std::span<const float> actual, std::span<const float> expected) {
  return static_cast<bool>(op_testing::near(actual, expected, tree_tolerance));
}

/// Two devices' trees, node by node: the same channels and peaks everywhere, and the same numbers
/// but where the devices are on different linear pieces of the network.
struct TreesOfTwo {
  const TreeQuestion& question;
  SamePieces same_pieces;
  int64_t steps = 0, elsewhere = 0;

  void compare(const TreeNode& actual, const TreeNode& expected, size_t depth) {
    SCOPED_TRACE(joined(expected.layer, ":", expected.channel));
    expect_close(actual.value, expected.value, tree_tolerance);
    ASSERT_EQ(actual.step == nullptr, expected.step == nullptr);
    if (!expected.step) return;
    ++steps;
    const GapQuestion step = question.step(depth);
    const Decomposition &ours = *actual.step, &theirs = *expected.step;
    if (!are_close(ours.contribution, theirs.contribution) ||
        !are_close(ours.mean_gradient, theirs.mean_gradient) ||
        !are_close(ours.max_gradient, theirs.max_gradient)) {
      ++elsewhere;
      EXPECT_FALSE(same_pieces(step.from, {expected.channel, expected.y, expected.x}, step.to));
    }
    EXPECT_EQ(ours.chosen, theirs.chosen);
    ASSERT_EQ(actual.children().size(), expected.children().size());
    for (size_t i = 0; i < expected.children().size(); ++i) {
      ASSERT_EQ(actual.children()[i].channel, expected.children()[i].channel);
      ASSERT_EQ(actual.children()[i].y, expected.children()[i].y);
      ASSERT_EQ(actual.children()[i].x, expected.children()[i].x);
      compare(actual.children()[i], expected.children()[i], depth + 1);
    }
  }
};

TEST_P(FullSizeTrees, EqualTheCpusAndThemselves) {
  const auto shared = std::make_shared<const ModelData>(model());
  DeviceNet cpu(shared, {Device{}}), other(shared, {device()});
  TreeQuestion question = question_of(cpu.graph(), 3);
  question.keep_maps = false;
  for (DeviceNet* each : {&cpu, &other}) each->forward(image());
  const std::vector<Neuron> roots = strongest_classes(cpu, 1);
  EXPECT_EQ(strongest_classes(other, 1), roots);
  const BuiltTree expected = std::move(build_trees(cpu.windows, question, roots).front());
  EXPECT_GT(expected.decompositions, 50);
  TreeRecordings recordings(other.windows, 1);
  const auto recorded = [&] {
    return std::move(recorded_trees(other.windows, question, roots, recordings).front());
  };
  const BuiltTree first = recorded();
  TreesOfTwo trees{question, SamePieces(cpu, other)};
  trees.compare(first.root, expected.root, 0);
  EXPECT_LE(trees.elsewhere, trees.steps / 20);
  std::cout << net().arch << ": " << trees.elsewhere << " of " << trees.steps
            << " decisions differ, on another linear piece\n";
  other.forward(image());
  expect_equal_trees(recorded().root, first.root, 0);
}

}  // namespace
}  // namespace hdecomp
