/// The executor: forward and backward through whole networks, on every device.
#include "runtime/network/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "kernels/core/waiting.h"
#include "nets/builder.h"
#include "nets/layer_names.h"
#include "tests/support/device_net.h"
#include "tests/support/exact_net.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

/// sum of G * F over the layer: what the layer's features explain of the decision.
double explained(DeviceNet& net, int from, const Neuron& neuron, int to) {
  const Tensor g = net.gradient(from, neuron, to), f = net.feature(to);
  double sum = 0;
  for (int64_t i = 0; i < g.elements(); ++i) sum += double{g.data()[i]} * f.data()[i];
  return sum;
}

class ExecutorOnNet : public NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, ExecutorOnNet,
                         on_test_devices(Net{"vgg11", 64}, Net{"vgg16_bn", 64}, Net{"alexnet", 95},
                                         Net{"resnet18", 64}, Net{"resnet50", 64},
                                         Net{"squeezenet1_0", 98}, Net{"resnext50_32x4d", 64},
                                         Net{"wide_resnet50_2", 64}, Net{"cifar_resnet20", 32},
                                         Net{"resnet18", {40, 72}}, Net{"vgg11", {96, 64}}),
                         net_name);

TEST_P(ExecutorOnNet, FeaturesExplainAllOfADecisionWhereThereAreNoBiases) {
  // ReLU, max-pool, convolution and linear layers without biases are homogeneous, so by Euler's
  // theorem the sum of G * F over any layer that all paths pass is the decision itself.
  DeviceNet net(model(), {device()});
  net.forward(image());
  std::vector<int> levels{0};
  for (const Stage& stage : net.graph().stage_ends) levels.push_back(stage.node);
  levels.push_back(net.graph().scores());
  for (size_t upper = 1; upper < levels.size(); ++upper) {
    const Neuron neuron = net.strongest(levels[upper]);
    const double value = net.value(levels[upper], neuron);
    ASSERT_GT(value, 0);
    for (size_t lower = 0; lower < upper; ++lower) {
      EXPECT_NEAR(explained(net, levels[upper], neuron, levels[lower]) / value, 1, 1e-4)
          << levels[upper] << " to " << levels[lower];
    }
  }
}

/// In double precision, so that the step may be so small that no gate and no maximum gives way.
TEST_P(ExecutorOnNet, GradientToTheImageAgreesWithCentralDifferences) {
  DeviceNet net(model(), {device()});
  net.forward(image());
  const ExactNet exact(net);
  const int from = net.graph().stage_ends.back().node;
  const Neuron neuron = net.strongest(from);
  const Tensor g = net.gradient(from, neuron, 0);
  const auto largest = std::ranges::max_element(g.span(), {}, [](float v) { return std::abs(v); }) -
                       g.span().begin();
  const double step = 1e-7;
  const auto value_beside = [&](double change) {
    Doubles changed = exact.feature(0);
    changed[largest] += change;
    return exact.value(from, neuron, 0, changed);
  };
  const double slope = (value_beside(step) - value_beside(-step)) / (2 * step);
  EXPECT_NEAR(slope / g.data()[largest], 1, 1e-4);
}

TEST_P(ExecutorOnNet, SameBitsInEveryRunOnOneTwoAndThreeThreads) {
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 1, 2, 3}) {
    DeviceNet net(model(), {.device = device(), .threads = threads});
    net.forward(image());
    const int from = net.graph().scores(), to = net.graph().stage_ends.front().node;
    const Tensor scores = net.feature(from), g = net.gradient(from, net.strongest(from), to);
    std::vector<float>& result = results.emplace_back();
    for (const Tensor* tensor : {&scores, &g}) {
      result.insert(result.end(), tensor->span().begin(), tensor->span().end());
    }
    EXPECT_EQ(result, results.front()) << threads << " threads";
  }
}

/// Where others want the cores.
TEST_P(ExecutorOnNet, SameBitsOnFewerThreadsThanItWasPlannedFor) {
  DeviceNet net(model(), {.device = device(), .threads = 4});
  const int from = net.graph().scores(), to = net.graph().stage_ends.front().node;
  std::vector<std::vector<float>> results;
  for (const int left : {4, 1, 2, 3}) {
    with_at_most(left, [&] {
      net.forward(image());
      const Tensor scores = net.feature(from), g = net.gradient(from, net.strongest(from), to);
      std::vector<float>& result = results.emplace_back();
      for (const Tensor* tensor : {&scores, &g}) {
        result.insert(result.end(), tensor->span().begin(), tensor->span().end());
      }
    });
    EXPECT_EQ(results.back(), results.front()) << left << " of 4 threads";
  }
}

/// Nets as wide as they are, so that their maps lie as they do there: some in blocks of channels,
/// with the parts of their concatenations in place.
class ScoresAlone : public NetOnDevice {
 protected:
  static ModelData model() {
    NetParams params = default_params(net().arch);
    params.classes = 10;
    params.input_size = net().input_size;
    return initialise_model(params, 1);
  }
};
INSTANTIATE_TEST_SUITE_P(Nets, ScoresAlone,
                         on_devices({Device{}}, Net{"resnet18", 96}, Net{"squeezenet1_1", 224},
                                    Net{"densenet121", 96}, Net{"googlenet", 96},
                                    Net{"efficientnet_b0", 64}, Net{"shufflenet_v2_x1_0", 64},
                                    Net{"regnet_y_400mf", 64}, Net{"mobilenet_v3_small", 64},
                                    Net{"cifar_resnet20", 32}),
                         net_name);

TEST_P(ScoresAlone, HaveTheSameBitsOnFewerThreads) {
  DeviceNet net(model(), {device(), 4});
  const auto scores = [&] {  // of the one image that runs
    net.executor.forward(image(7), Wanted::scores);
    Tensor rows_of_all = net.feature(net.graph().scores());
    return copied_to(Device{}, Context(), rows(rows_of_all, 0, 1));
  };
  const Tensor all = scores();
  for (const int left : {1, 2, 3}) {
    with_at_most(left, [&] { EXPECT_TRUE(op_testing::same_bits(scores(), all)) << left; });
  }
}

TEST_P(ScoresAlone, HaveTheBitsOfARunThatKeepsAll) {
  DeviceNet all(model(), {device(), 2}), few(model(), {device(), 2});
  const int scores = all.graph().scores(), first = all.graph().stage_ends.front().node;
  // Of the one image that runs: a batch's other places hold what they held.
  const auto same = [&](int node) {
    Tensor ours = few.feature(node), theirs = all.feature(node);
    return op_testing::same_bits(rows(ours, 0, 1), rows(theirs, 0, 1));
  };
  all.forward(image(7));
  few.forward(image(8));  // keeps all
  few.executor.forward(image(9), Wanted::scores);
  few.executor.forward(image(7), Wanted::scores);
  EXPECT_TRUE(same(scores));
  EXPECT_TRUE(same(0));
  EXPECT_TRUE(same(first));  // run once more
  EXPECT_TRUE(same(scores));
  few.forward(image(8));
  few.executor.forward(image(7), Wanted::scores);
  EXPECT_TRUE(same(scores));
}

/// Images that go through the layers of large maps one by one must not meet in memory.
TEST_P(ScoresAlone, EachImageHasItsBitsBesideOthers) {
  DeviceNet alone(model(), {device(), 1}), together(model(), {device(), 3});
  const FeatureShape& size = alone.graph().shapes[0];
  Tensor images({}, {3, size.channels, size.height, size.width});
  for (int64_t i = 0; i < 3; ++i) {
    const Tensor own = image(static_cast<uint32_t>(7 + i));
    std::ranges::copy(own.span(), rows(images, i, i + 1).data());
  }
  together.forward(images);
  const int from = alone.graph().scores();
  std::vector<Seed> seeds;
  for (int64_t i = 0; i < 3; ++i) seeds.push_back({{i, 0, 0, i}, 1.0f});
  BackwardRule rule(together.context, together.executor);
  const Tensor gradients =
      BackwardPass(together.context, together.executor).run(from, seeds, 0, {0, 3}, rule);
  Tensor there = copied_to(Device{}, together.context, gradients);
  together.executor.forward(images, Wanted::scores);
  Tensor scores = together.feature(from);
  for (int64_t i = 0; i < 3; ++i) {
    alone.forward(rows(images, i, i + 1));
    EXPECT_TRUE(op_testing::same_bits(rows(scores, i, i + 1), alone.feature(from))) << i;
    const Tensor own = alone.gradient(from, {i, 0, 0, 0}, 0);
    EXPECT_TRUE(op_testing::same_bits(rows(there, i, i + 1), own)) << i;
  }
}

class ExecutorOnDevice : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, ExecutorOnDevice, ::testing::ValuesIn(test_devices()),
                         device_name);

TEST_P(ExecutorOnDevice, GradientIsZeroOutsideTheReceptiveField) {
  DeviceNet net(slim_model("vgg16", 64), {GetParam()});
  net.forward(noise_image(64));
  const int from = find_layer(net.graph(), "conv2_2"), to = find_layer(net.graph(), "conv1_2");
  const Neuron neuron = net.strongest(from);
  const Tensor g = net.gradient(from, neuron, to);
  // Two 3x3 convolutions and a 2x2 pool: rows 2 (y - 2) to 2 (y + 2) + 1.
  double inside = 0;
  for (int64_t i = 0; i < g.elements(); ++i) {
    const int64_t y = i / 64 % 64, x = i % 64;
    const bool in_field =
        std::abs(2 * y - 4 * neuron.y - 1) <= 9 && std::abs(2 * x - 4 * neuron.x - 1) <= 9;
    if (in_field) {
      inside += std::abs(g.data()[i]);
    } else {
      ASSERT_EQ(g.data()[i], 0) << y << ", " << x;
    }
  }
  EXPECT_GT(inside, 0);
}

/// y = relu(a + b), b = 2 x (1x1 convolution), a = x; a score of all y, weighted by 1, 2, ...
ModelData small_residual() {
  GraphBuilder net("by_hand");
  const int b = net.conv(net.input(), "b", 3, {1, 1, 0}, Activation::none, {});
  const int y = net.add(b, net.input(), "y", Activation::relu, {});
  net.linear(y, "scores", 1, Activation::none, {});
  ModelData model;
  model.graph = net.take();
  infer_shapes(model.graph, {3, 2, 2});
  model.layers.resize(4);
  model.layers[1] = {Tensor(Device{}, {3, 3, 1, 1}), Tensor(Device{}, {3})};
  model.layers[3] = {Tensor(Device{}, {1, 12}), Tensor(Device{}, {1})};
  for (auto* layer : {&model.layers[1], &model.layers[3]}) {
    std::ranges::fill(layer->weight.span(), 0.0f);
    std::ranges::fill(layer->bias.span(), 0.0f);
  }
  for (int c = 0; c < 3; ++c) model.layers[1].weight.data()[c * 3 + c] = 2;
  for (int i = 0; i < 12; ++i) model.layers[3].weight.data()[i] = static_cast<float>(i + 1);
  return model;
}

TEST_P(ExecutorOnDevice, ResidualBranchesAddUp) {
  DeviceNet net(small_residual(), {GetParam()});
  Tensor image(Device{}, {1, 3, 2, 2});
  for (int i = 0; i < 12; ++i) image.data()[i] = i % 2 == 0 ? 1.0f : -1.0f;
  net.forward(image);
  EXPECT_EQ(net.value(3, {0, 0, 0}), 3 * (1 + 3 + 5 + 7 + 9 + 11));
  const Tensor g = net.gradient(3, {0, 0, 0}, 0);  // dy/dx = 3 where the sum is positive
  for (int i = 0; i < 12; ++i) EXPECT_EQ(g.data()[i], i % 2 == 0 ? 3 * (i + 1) : 0) << i;
}

TEST_P(ExecutorOnDevice, RefusesATargetThatIsNotBelow) {
  DeviceNet net(slim_model("resnet18", 64), {GetParam()});
  const Graph& graph = net.graph();
  net.forward(noise_image(64));
  const int lower = find_layer(graph, "layer1"), upper = find_layer(graph, "layer2");
  EXPECT_THROW(net.gradient(lower, {0, 0, 0}, upper), Error);
  EXPECT_THROW(net.gradient(lower, {0, 0, 0}, lower), Error);
  const int shortcut = find_layer(graph, "layer2.0.downsample");
  EXPECT_THROW(net.gradient(shortcut, {0, 0, 0}, find_layer(graph, "layer2.0.conv1")), Error);
}

TEST_P(ExecutorOnDevice, NamesTheLayerOfANonFiniteScore) {
  ModelData model = slim_model("vgg11", 64);
  std::ranges::fill(model.layers.back().weight.span(), 3e38f);
  const std::string file = file_testing::temporary_path(".h5");
  write_model(model, file);
  Explainer explainer(Model::load(file), {.device = to_string(GetParam())});
  try {
    explainer.classify({64, 64, std::vector<uint8_t>(64 * 64 * 3, 200)});
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("layer scores: a feature is not finite"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace hdecomp
