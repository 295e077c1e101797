/// Random networks over all ops: windows against the dense gradient, fast ablation against naive,
/// images together against alone, features against their bounds. HDECOMP_RANDOM_GRAPHS=N tries N
/// networks in place of a few, HDECOMP_RANDOM_GRAPH=SEED one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "tests/runtime/ablation_testing.h"
#include "tests/support/random_graph.h"
#include "tests/support/window_error.h"

namespace hdecomp {
namespace {

using namespace testing_models;

/// The one seed that was asked for, or none.
std::optional<int> sole_seed() {
  const char* one = std::getenv("HDECOMP_RANDOM_GRAPH");
  return one ? std::optional(std::atoi(one)) : std::nullopt;
}

/// Of all seeds, more than `least` of what a test counts; a sole one need not have any.
void expect_more(int64_t found, int64_t least) {
  if (!sole_seed()) {
    EXPECT_GT(found, least);
  }
}

TEST(RandomGraphs, HaveEveryOpAndFunctionOfTheTable) {
  std::set<Op> ops;
  std::set<Function> functions;
  for (int seed = 1; seed <= 200; ++seed) {
    const std::optional<ModelData> made = RandomGraph(seed).model();
    for (const Node& node : made ? made->graph.nodes : std::vector<Node>{}) {
      ops.insert(node.op);
      if (node.op == Op::activation) functions.insert(node.function.function);
    }
  }
  for (const OpTraits& op : op_table()) EXPECT_TRUE(ops.contains(op.op)) << op.name;
  for (int i = 0; i < function_count; ++i) {
    const auto function = static_cast<Function>(i);
    EXPECT_TRUE(functions.contains(function)) << name_of(function);
  }
}

class RandomGraphsOnDevice : public op_testing::OnDevice {
 protected:
  static constexpr int64_t images = 2;

  /// Calls body(net, random) for each network after a forward pass of its images. A GPU may be
  /// emulated: fewer.
  template <class Body>
  void for_each_net(int usual, Body body) {
    const char* wanted = std::getenv("HDECOMP_RANDOM_GRAPHS");
    const int count = wanted ? std::atoi(wanted) : GetParam() == Device{} ? usual : usual / 10;
    ASSERT_GT(count, 0);
    const std::optional<int> sole = sole_seed();
    for (int seed = sole.value_or(1), last = sole.value_or(count); seed <= last; ++seed) {
      SCOPED_TRACE(joined("seed ", seed));
      std::optional<ModelData> made = RandomGraph(seed).model();
      if (!made) continue;
      const FeatureShape in = made->graph.shapes[0];
      model_ = std::make_shared<const ModelData>(std::move(*made));
      DeviceNet net(model_, {GetParam(), images});
      net.forward(op_testing::random_tensor({images, in.channels, in.height, in.width}, seed));
      std::mt19937 random(seed);
      body(net, random);
    }
  }

  /// A node and one below it; none if `from` depends on no such node.
  static std::optional<std::pair<int, int>> some_pair(const Graph& graph, std::mt19937& random) {
    const int from = 1 + static_cast<int>(random() % (graph.nodes.size() - 1));
    const int to = static_cast<int>(random() % from);
    if (!nodes_between(graph, from, to)[from]) return std::nullopt;
    return std::pair{from, to};
  }

  static std::string pair_name(const Graph& graph, int from, int to) {
    return graph.nodes[from].name + " to " + graph.nodes[to].name;
  }

  /// Up to three, of all images.
  static std::vector<Neuron> some_neurons(const DeviceNet& net, int node, std::mt19937& random) {
    const FeatureShape& shape = net.graph().shapes[node];
    const Tensor feature = net.feature(node);
    std::vector<Neuron> found;
    for (int tries = 0; tries < 40 && found.size() < 3; ++tries) {
      const auto at = static_cast<int64_t>(random() % feature.elements());
      if (!(feature.data()[at] > 0)) continue;
      found.push_back({at / (shape.height * shape.width) % shape.channels,
                       at / shape.width % shape.height, at % shape.width, at / shape.elements()});
    }
    return found;
  }

  static double largest_in(const Tensor& tensor) {
    double most = 0;
    for (const float value : tensor.span()) most = std::max<double>(most, std::fabs(value));
    return most;
  }
  /// The largest sum of |w| over an output's weights, and the largest |b|.
  std::pair<double, double> weight_sizes(int node) const {
    if (!has_weights(model_->graph.nodes[node])) return {1, 0};
    const LayerWeights& layer = model_->layers[node];
    const int64_t outputs = layer.weight.shape()[0], terms = layer.weight.elements() / outputs;
    double most = 0;
    for (int64_t k = 0; k < outputs; ++k) {
      double sum = 0;
      for (int64_t i = k * terms; i < (k + 1) * terms; ++i)
        sum += std::fabs(layer.weight.data()[i]);
      most = std::max(most, sum);
    }
    return {most, largest_in(layer.bias)};
  }

  std::shared_ptr<const ModelData> model_;  // the network's, on the host
};
INSTANTIATE_TEST_SUITE_P(Devices, RandomGraphsOnDevice,
                         ::testing::ValuesIn(op_testing::test_devices()), op_testing::device_name);

TEST_P(RandomGraphsOnDevice, WindowsEqualTheDenseGradients) {
  int64_t pairs = 0, windowed = 0;
  for_each_net(200, [&](DeviceNet& net, std::mt19937& random) {
    for (int trial = 0; trial < 6; ++trial) {
      const auto pair = some_pair(net.graph(), random);
      if (!pair) continue;
      const auto [from, to] = *pair;
      const std::vector<Neuron> neurons = some_neurons(net, from, random);
      if (neurons.empty()) continue;
      EXPECT_TRUE(windows_are_dense(net, from, neurons, to));
      ++pairs;
      windowed += net.windows.plan(from, to).windows[to].whole() ? 0 : 1;
    }
  });
  expect_more(pairs, 10);
  expect_more(windowed, 5);
}

/// Dense gradients and the layers themselves, of every op: against Jacobians that are written down
/// apart, in double precision.
TEST_P(RandomGraphsOnDevice, GradientsAndValuesAreExactButForRounding) {
  int64_t pairs = 0;
  for_each_net(80, [&](DeviceNet& net, std::mt19937& random) {
    const ExactNet net_in_double(net);
    for (int trial = 0; trial < 2; ++trial) {
      const auto pair = some_pair(net.graph(), random);
      if (!pair) continue;
      const auto [from, to] = *pair;
      const std::vector<Neuron> neurons = positive_neurons(net, from, 1, random);
      if (neurons.empty()) continue;
      const Tensor gradient = net.gradient(from, neurons[0], to), feature = net.feature(from);
      const auto exact_gradient = [&](int samples) {
        return net_in_double.gradient(from, neurons[0], to, samples);
      };
      const auto exact_values = [&](int samples) {
        return net_in_double.values(from, to, net_in_double.feature(to), samples);
      };
      EXPECT_TRUE(is_exact(gradient, exact_gradient))
          << "gradient, " << pair_name(net.graph(), from, to);
      EXPECT_TRUE(is_exact(feature, exact_values))
          << "values, " << pair_name(net.graph(), from, to);
      ++pairs;
    }
  });
  expect_more(pairs, 5);
}

TEST_P(RandomGraphsOnDevice, FastAblationEqualsNaive) {
  int64_t pairs = 0;
  for_each_net(200, [&](DeviceNet& net, std::mt19937& random) {
    for (int trial = 0; trial < 2; ++trial) {
      const auto pair = some_pair(net.graph(), random);
      if (!pair) continue;
      const std::vector<Neuron> neurons = some_neurons(net, pair->first, random);
      if (neurons.empty()) continue;
      const auto fill = random() % 2 == 0 ? AblationFill::zero : AblationFill::mean;
      SCOPED_TRACE(pair_name(net.graph(), pair->first, pair->second));
      expect_same_drops(net, {pair->first, pair->second, fill}, neurons[0]);
      ++pairs;
    }
  });
  expect_more(pairs, 5);
}

/// Features are as large as the bounds that the overflow checks build on say, at most.
TEST_P(RandomGraphsOnDevice, NoFeatureIsLargerThanItsBound) {
  if (GetParam() != Device{}) GTEST_SKIP() << "of the CPU alone";
  int64_t nodes = 0, tight = 0;
  for_each_net(200, [&](DeviceNet& net, std::mt19937&) {
    const Graph& graph = net.graph();
    std::vector<double> size;
    for (int i = 0; i <= graph.scores(); ++i) {
      size.push_back(largest_in(net.feature(i)));
      const Node& node = graph.nodes[i];
      if (i == 0) continue;
      std::vector<double> inputs;
      for (const int input : node.inputs) inputs.push_back(size[input]);
      const auto [weights, bias] = weight_sizes(i);
      const double bound = traits(node.op).bound(node, graph.shapes[i], {inputs, weights, bias});
      EXPECT_LE(size[i], bound * (1 + 1e-4)) << node.name << ", " << traits(node.op).name;
      ++nodes;
      tight += size[i] > bound / 2 ? 1 : 0;
    }
  });
  expect_more(nodes, 500);
  expect_more(tight, 100);
}

/// On the CPU: a GPU's libraries choose by the batch in which order they add.
TEST_P(RandomGraphsOnDevice, ImagesTogetherHaveTheBitsOfEachAlone) {
  if (GetParam() != Device{}) GTEST_SKIP() << "of the CPU alone";
  int64_t nets = 0, decisions = 0;
  for_each_net(40, [&](DeviceNet& net, std::mt19937& random) {
    const Graph& graph = net.graph();
    const Tensor all = net.feature(0);
    const auto pair = some_pair(graph, random);
    const std::vector<Neuron> neurons =
        pair ? some_neurons(net, pair->first, random) : std::vector<Neuron>{};
    const WindowBatch together =
        neurons.empty() ? WindowBatch{} : net.gradients(pair->first, neurons, pair->second);
    DeviceNet single(model_, {GetParam()});
    for (int64_t image = 0; image < images; ++image) {
      single.forward(rows(all, image, image + 1));
      for (int node = 0; node <= graph.scores(); ++node) {
        const Tensor ours = net.feature(node);
        EXPECT_TRUE(op_testing::same_bits(single.feature(node), rows(ours, image, image + 1)))
            << graph.nodes[node].name;
      }
      for (int64_t d = 0; d < std::ssize(neurons); ++d) {
        if (neurons[d].image != image) continue;
        const std::vector<Neuron> alone{{neurons[d].channel, neurons[d].y, neurons[d].x, 0}};
        const WindowBatch own = single.gradients(pair->first, alone, pair->second);
        for (int64_t c = 0; c < own.channels; ++c) {
          EXPECT_TRUE(std::equal(own.plane(c, 0), own.plane(c, 0) + own.window.area(),
                                 together.plane(c, d)))
              << pair_name(graph, pair->first, pair->second) << ", channel " << c;
        }
        ++decisions;
      }
    }
    ++nets;
  });
  expect_more(nets, 20);
  expect_more(decisions, 20);
}

}  // namespace
}  // namespace hdecomp
