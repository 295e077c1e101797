/// The selective backward pass against the dense one, on every device.
#include "runtime/network/window_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/gap/gap_reduce.h"
#include "nets/layer_names.h"
#include "tests/support/device_net.h"
#include "tests/support/places.h"
#include "tests/support/random_weights.h"
#include "tests/support/slim_convnext.h"
#include "tests/support/window_error.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

class WindowsOfNet : public NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, WindowsOfNet,
                         on_test_devices(Net{"vgg16", 96}, Net{"alexnet", 127},
                                         Net{"resnet18", 128}, Net{"resnet50", 128},
                                         Net{"squeezenet1_1", 98}, Net{"resnext50_32x4d", 128},
                                         Net{"wide_resnet50_2", 128}, Net{"cifar_resnet20", 64},
                                         Net{"mobilenet_v2", 64}, Net{"mobilenet_v3_small", 64},
                                         Net{"vgg16", {64, 160}}, Net{"resnet18", {160, 96}},
                                         Net{"mobilenet_v2", {64, 128}}),
                         net_name);
// Of the ops above, in other orders: once.
INSTANTIATE_TEST_SUITE_P(OtherNets, WindowsOfNet,
                         on_devices({Device{}}, Net{"efficientnet_b0", 64}, Net{"mnasnet1_0", 64},
                                    Net{"shufflenet_v2_x1_0", 64}, Net{"densenet121", 64},
                                    Net{"googlenet", 64}, Net{"inception_v3", 107},
                                    Net{"regnet_y_400mf", 64}, Net{"regnet_x_400mf", 64}),
                         net_name);

void expect_windows_dense(DeviceNet& net, Device device) {
  const Graph& graph = net.graph();
  std::mt19937 random(11);
  // Every lower layer for the shallow nets; at full length every third for ResNet-50's 70 nodes and
  // about a thousand pairs for deeper ones, else a third of these. Fewer on other devices, which
  // may be emulated.
  const auto nodes = std::ssize(graph.nodes);
  const bool deep = nodes > 40;
  const int64_t usual = nodes > 90 ? nodes * nodes / 2000 : deep ? 3 : 1;
  const int64_t part = device != Device{} ? deep ? 9 : 3 : deep && !at_full_length() ? 3 : 1;
  const auto step = static_cast<int>(usual * part);
  int64_t pairs = 0, windowed = 0;
  for (int from = graph.scores(); from > 0; --from) {
    const std::vector<Neuron> neurons = positive_neurons(net, from, 3, random);
    if (neurons.empty()) continue;
    for (int to = from - 1; to >= 0; to -= step) {
      if (!nodes_between(graph, from, to)[from]) continue;
      EXPECT_TRUE(windows_are_dense(net, from, neurons, to));
      ++pairs;
      windowed += net.windows.plan(from, to).windows[to].whole() ? 0 : 1;
    }
  }
  EXPECT_GT(pairs, device == Device{} ? 50 : 20);
  EXPECT_GT(windowed, device == Device{} ? 20 : 8);
}

TEST_P(WindowsOfNet, EqualTheDenseGradientsForEveryLayerPair) {
  DeviceNet net(model(), {device()});
  net.forward(image());
  expect_windows_dense(net, device());
}

TEST_P(WindowsOfNet, SameBitsInEveryRunOnOneTwoAndThreeThreads) {
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 1, 2, 3}) {
    DeviceNet net(model(), {.device = device(), .threads = threads});
    net.forward(image());
    const std::vector<Stage>& stages = net.graph().stage_ends;
    std::mt19937 random(3);
    std::vector<float>& result = results.emplace_back();
    for (size_t stage = 1; stage < stages.size(); ++stage) {
      const std::vector<Neuron> neurons = positive_neurons(net, stages[stage].node, 9, random);
      ASSERT_EQ(neurons.size(), 9u) << stages[stage].name;
      const WindowBatch batch = net.gradients(stages[stage].node, neurons, stages[stage - 1].node);
      result.insert(result.end(), batch.data.span().begin(), batch.data.span().end());
    }
    EXPECT_EQ(result, results.front()) << threads << " threads";
  }
}

/// One decision's gradient over whole maps, (1, C, h, w), as a window of that size.
WindowBatch as_windows(const Tensor& gradient, const PlaceTensor& place) {
  const Shape& shape = gradient.shape();
  WindowBatch batch;
  batch.window = whole_window(shape[2], shape[3]);
  batch.places = place.span();
  batch.channels = shape[1];
  batch.data = {
      gradient.device(), {shape[1], 1, shape[2], shape[3]}, const_cast<float*>(gradient.data())};
  return batch;
}

/// gAP's sums of a level's windows, on the host.
struct Sums {
  Tensor alpha, peak, mean_gradient, max_gradient;
  IndexTensor position;
};

Sums reduced(const DeviceNet& net, const WindowBatch& gradient, int to) {
  const Device device = net.context.device();
  GapResult result(device, gradient.decisions(), gradient.channels);
  gap_reduce(net.context, gradient, net.executor.feature(to), result);
  const auto host = [&](const auto& tensor) { return copied_to(Device{}, net.context, tensor); };
  return {host(result.alpha), host(result.peak), host(result.mean_gradient),
          host(result.max_gradient), host(result.position)};
}

TEST_P(WindowsOfNet, ReduceToTheSameContributionsAndPeaksAsDenseMaps) {
  DeviceNet net(model(), {device()});
  net.forward(image());
  const int from = net.graph().stage_ends[2].node, to = net.graph().stage_ends[1].node;
  std::mt19937 random(11);
  const std::vector<Neuron> neurons = positive_neurons(net, from, 4, random);
  ASSERT_EQ(neurons.size(), 4u);
  const PlaceTensor places = net.places(neurons);
  const Sums windowed = reduced(net, net.windows.gradients(from, places.span(), to), to);
  const int64_t channels = net.graph().shapes[to].channels;
  for (size_t d = 0; d < neurons.size(); ++d) {
    const PlaceTensor place = net.places({neurons[d]});
    const Sums dense = reduced(net, as_windows(net.dense.of(from, neurons[d], to), place), to);
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t at = static_cast<int64_t>(d) * channels + c;
      const float scale = std::abs(dense.peak.data()[c]) + 1e-6f;
      // Where no A is positive the peak is 0, and alpha is not.
      const float alpha = dense.alpha.data()[c];
      EXPECT_NEAR(windowed.alpha.data()[at], alpha, 1e-5 * (scale + std::abs(alpha)));
      EXPECT_NEAR(windowed.peak.data()[at], dense.peak.data()[c], 1e-5 * scale);
      EXPECT_EQ(windowed.position.data()[at], dense.position.data()[c]);
      EXPECT_NEAR(windowed.mean_gradient.data()[at], dense.mean_gradient.data()[c], 1e-5);
      EXPECT_NEAR(windowed.max_gradient.data()[at], dense.max_gradient.data()[c], 1e-5);
    }
  }
}

class WindowsOnDevice : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, WindowsOnDevice, ::testing::ValuesIn(test_devices()),
                         device_name);

TEST_P(WindowsOnDevice, GroupedConvolutionsEqualTheDenseGradient) {
  DeviceNet net(grouped_model(), {GetParam()});
  net.forward(op_testing::random_tensor({1, 3, 24, 24}, 1));
  for (const char* upper : {"halves", "depthwise", "last", "scores"}) {
    for (const char* lower : {"first", "input"}) {
      const int from = find_layer(net.graph(), upper), to = find_layer(net.graph(), lower);
      EXPECT_LT(window_error(net, from, {net.strongest(from)}, to), 1e-5) << upper << " " << lower;
    }
  }
}

TEST_P(WindowsOnDevice, OfAConvNextEqualTheDenseGradients) {
  DeviceNet net(slim_convnext(64, 3), {GetParam()});
  net.forward(noise_image(64));
  expect_windows_dense(net, GetParam());
}

/// Two branches of unequal stride to one map: no window follows both.
TEST_P(WindowsOnDevice, BranchesOfUnequalStrideJoin) {
  GraphBuilder builder("unequal");
  const int map = builder.conv(builder.input(), "map", 4, {3, 1, 1}, Activation::relu, {});
  const int twice = builder.conv(map, "twice", 4, {3, 2, 1}, Activation::relu, {});
  const int part = builder.conv(map, "part", 4, {16, 1, 0}, Activation::relu, {});  // 30 to 15
  builder.add(twice, part, "join", Activation::relu, {});
  DeviceNet net(with_random_weights(builder.take(), {3, 30, 30}, 2), {GetParam()});
  net.forward(op_testing::random_tensor({1, 3, 30, 30}, 1));
  const int join = net.graph().scores();
  EXPECT_TRUE(net.windows.plan(join, map).windows[map].whole());
  EXPECT_LT(window_error(net, join, {net.strongest(join)}, map), 1e-5);
  EXPECT_LT(window_error(net, join, {net.strongest(join)}, 0), 1e-5);
}

/// Decisions at a concatenation go to the convolution below as they are, unless its ReLU stops one.
TEST_P(WindowsOnDevice, DecisionsAboveAJoinPassTheActivationBelow) {
  GraphBuilder builder("joined");
  const int map = builder.conv(builder.input(), "map", 5, {3, 1, 1}, Activation::relu, {});
  const int left = builder.conv(map, "left", 6, {3, 1, 1}, Activation::relu, {});
  const int right = builder.conv(map, "right", 7, {1, 1, 0}, Activation::relu, {});
  const int join = builder.concat({left, right}, "join", {});
  DeviceNet net(with_random_weights(builder.take(), {3, 20, 20}, 2), {GetParam()});
  net.forward(op_testing::random_tensor({1, 3, 20, 20}, 1));
  std::vector<Neuron> passed, stopped;
  for (const int64_t channel : {0, 3, 5, 6, 9, 12}) {
    for (int64_t y = 0; y < 20; y += 3) {
      const Neuron neuron{channel, y, 19 - y};
      (net.executor.value(join, neuron) > 0 ? passed : stopped).push_back(neuron);
    }
  }
  ASSERT_FALSE(passed.empty());
  ASSERT_FALSE(stopped.empty());
  std::vector<Neuron> both = passed;
  both.insert(both.begin() + 1, stopped.begin(), stopped.end());
  for (const int to : {left, right, map, 0}) {
    EXPECT_LT(window_error(net, join, passed, to), 1e-5) << to;
    EXPECT_LT(window_error(net, join, both, to), 1e-5) << to;
  }
}

TEST_P(WindowsOnDevice, RefuseATargetThatIsNotBelow) {
  DeviceNet net(slim_model("resnet18", 64), {GetParam()});
  net.forward(noise_image(64));
  const int layer1 = find_layer(net.graph(), "layer1"), layer2 = find_layer(net.graph(), "layer2");
  const std::vector<Neuron> neurons(1);
  EXPECT_THROW(net.gradients(layer1, neurons, layer2), Error);
  EXPECT_THROW(net.gradients(layer1, neurons, layer1), Error);
}

}  // namespace
}  // namespace hdecomp
