/// Networks of the published sizes: windows against dense gradients for sampled pairs of layers.
/// Minutes of work, so only where HDECOMP_FULL_SIZE_TESTS is set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/device_net.h"
#include "tests/window_error.h"

namespace hdecomp {
namespace {

using namespace testing_models;

constexpr int pairs = 160;
constexpr int decisions = 2;

class FullSize : public NetOnDevice {
 protected:
  void SetUp() override {
    if (std::getenv("HDECOMP_FULL_SIZE_TESTS") == nullptr) {
      GTEST_SKIP() << "takes about two minutes in all; set HDECOMP_FULL_SIZE_TESTS=1 to run it";
    }
    NetOnDevice::SetUp();
  }
};
INSTANTIATE_TEST_SUITE_P(Nets, FullSize,
                         on_test_devices(Net{"vgg16", 224}, Net{"alexnet", 224},
                                         Net{"resnet18", 224}, Net{"resnet50", 224}),
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
  NetParams params = default_params(net().arch);
  params.input_size = net().input_size;
  DeviceNet whole(initialise_model(params, 1), {device()});
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

}  // namespace
}  // namespace hdecomp
