/// Networks of the published sizes: windows against dense gradients for sampled pairs of layers,
/// and other devices' trees against the CPU's. Minutes of work, so only where
/// HDECOMP_FULL_SIZE_TESTS is set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "runtime/recorded_trees.h"
#include "tests/tree_testing.h"
#include "tests/window_error.h"

namespace hdecomp {
namespace {

using namespace testing_models;

constexpr int pairs = 160;
constexpr int decisions = 2;

class FullSizeNet : public NetOnDevice {
 protected:
  void SetUp() override {
    if (std::getenv("HDECOMP_FULL_SIZE_TESTS") == nullptr) {
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
    const std::string pair = text(graph.nodes[from].name, " to ", graph.nodes[to].name);
    EXPECT_LT(error, 1e-5) << pair;
    if (error > worst) worst = error, worst_pair = pair;
  }
  RecordProperty("largest_error", text(worst));
  std::cout << net().arch << ": largest error " << worst << ", " << worst_pair << "\n";
}

TEST_P(FullSizeTrees, EqualTheCpusAndThemselves) {
  const auto shared = std::make_shared<const ModelData>(model());
  DeviceNet cpu(shared, {Device{}}), other(shared, {device()});
  const TreePlan plan = plan_of(cpu.graph(), 3);
  for (DeviceNet* each : {&cpu, &other}) each->forward(image());
  const std::vector<Neuron> roots = strongest_classes(cpu, 1);
  EXPECT_EQ(strongest_classes(other, 1), roots);
  const BuiltTree expected = std::move(build_trees(cpu.windows, plan, roots).front());
  EXPECT_GT(expected.decompositions, 50);
  RecordedTrees recorded(other.windows, plan, 1);
  const BuiltTree first = std::move(recorded.run(roots).front());
  expect_equal_trees(first.root, expected.root, tree_tolerance);
  other.forward(image());
  expect_equal_trees(recorded.run(roots).front().root, first.root, 0);
}

}  // namespace
}  // namespace hdecomp
