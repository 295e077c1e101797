/// Exact ablation: by hand, fast against naive, both against a plain run of the rest of the
/// network.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "tests/runtime/ablation_testing.h"
#include "tests/support/random_weights.h"
#include "tests/support/window_error.h"
#include "tests/tools/means_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;

using enum AblationMethod;
using enum AblationFill;

/// b = 2 x, y = relu(b + x), score = sum of (i + 1) y_i.
ModelData residual_by_hand() {
  GraphBuilder net("by_hand");
  const int b = net.conv(net.input(), "b", 2, {1, 1, 0}, Activation::none, {});
  const int y = net.add(b, net.input(), "y", Activation::relu, {});
  net.linear(y, "scores", 1, Activation::none, {});
  ModelData model;
  model.graph = net.take();
  infer_shapes(model.graph, {2, 2, 2});
  model.layers.resize(4);
  model.layers[1] = {op_testing::tensor_of(Shape{2, 2, 1, 1}, std::vector<float>{2, 0, 0, 2}),
                     op_testing::tensor_of(Shape{2}, std::vector<float>{0, 0})};
  model.layers[3] = {op_testing::tensor_of(Shape{1, 8}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}),
                     op_testing::tensor_of(Shape{1}, std::vector<float>{0})};
  return model;
}

class AblationStep : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, AblationStep, ::testing::ValuesIn(op_testing::test_devices()),
                         op_testing::device_name);

TEST_P(AblationStep, ByHand) {
  DeviceNet net(residual_by_hand(), {GetParam()});
  net.forward(op_testing::tensor_of(Shape{1, 2, 2, 2}, std::vector<float>{4, 0, 0, 0,  //
                                                                          1, -1, 1, 3}));
  // y = 12, 0, 0, 0 and 3, 0, 3, 9.
  const Neuron score{0, 0, 0};
  EXPECT_EQ(net.value(3, score), 12 + 15 + 21 + 72);
  for (const AblationMethod method : {fast, naive}) {
    // The image's channels, of mean 1: every y of the channel becomes 3.
    EXPECT_EQ(drops(net, {3, 0, mean, method}, score), (std::vector<float>{12 - 30, 108 - 78}));
    EXPECT_EQ(drops(net, {3, 0, zero, method}, score), (std::vector<float>{12, 108}));
    // One branch alone: y = relu(x + fill), the fill 2 or 0.
    EXPECT_EQ(drops(net, {3, 1, mean, method}, score),
              (std::vector<float>{12 - (6 + 2 * 9), 108 - (15 + 6 + 21 + 40)}));
    EXPECT_EQ(drops(net, {3, 1, zero, method}, score), (std::vector<float>{12 - 4, 108 - 36}));
    // One feature of y: its own channel alone matters.
    EXPECT_EQ(drops(net, {2, 1, zero, method}, {1, 1, 1}), (std::vector<float>{0, 6}));
    EXPECT_EQ(drops(net, {2, 0, zero, method}, {1, 1, 1}), (std::vector<float>{0, 9}));
    EXPECT_EQ(drops(net, {1, 0, zero, method}, {1, 1, 1}), (std::vector<float>{0, 6}));
  }
}

struct AblationOfNet : NetOnDevice {
  static DeviceNet slim(int threads = 2) {
    return {model(), {.device = device(), .threads = threads}};
  }
};
INSTANTIATE_TEST_SUITE_P(Nets, AblationOfNet,
                         on_test_devices(Net{"vgg16", 96}, Net{"alexnet", 127}, Net{"resnet18", 96},
                                         Net{"resnet50", 96}, Net{"squeezenet1_1", 98},
                                         Net{"resnext50_32x4d", 96}, Net{"cifar_resnet20", 48},
                                         Net{"mobilenet_v2", 96}, Net{"densenet121", 64},
                                         Net{"shufflenet_v2_x1_0", 96}, Net{"wide_resnet50_2", 96},
                                         Net{"mobilenet_v3_small", 64}, Net{"vgg16", {64, 160}},
                                         Net{"resnet50", {128, 64}}, Net{"mobilenet_v2", {64, 96}}),
                         net_name);

TEST_P(AblationOfNet, FastEqualsNaiveFromStageToStage) {
  DeviceNet net = slim();
  net.forward(image());
  const Graph& graph = net.graph();
  std::vector<int> levels{0};
  for (const Stage& stage : graph.stage_ends) levels.push_back(stage.node);
  levels.push_back(graph.scores());
  std::mt19937 random(5);
  const int decisions = device() == Device{} ? 3 : 1;  // the emulator is slow
  for (size_t upper = 1; upper < levels.size(); ++upper) {
    for (const size_t below : {size_t{1}, size_t{2}}) {
      if (below > upper) continue;
      const AblationQuestion question{levels[upper], levels[upper - below]};
      // Decisions at the map's borders and anywhere.
      const std::vector<Neuron> neurons = positive_neurons(net, question.from, decisions, random);
      ASSERT_FALSE(neurons.empty()) << graph.nodes[question.from].name;
      for (const Neuron& neuron : neurons) expect_same_drops(net, question, neuron);
    }
  }
}

TEST_P(AblationOfNet, FastEqualsNaiveBetweenAnyTwoLayers) {
  DeviceNet net = slim();
  net.forward(image());
  const Graph& graph = net.graph();
  std::mt19937 random(17);
  int64_t pairs = 0, windowed = 0;
  const bool fewer = device() != Device{} && graph.nodes.size() > 50;  // alike
  for (int from = graph.scores(); from > 0; from -= fewer ? 4 : 2) {
    const std::vector<Neuron> neurons = positive_neurons(net, from, 2, random);
    for (const int down : {1, 2, 3, 5}) {
      const int to = from - down;
      if (to < 0 || neurons.empty() || !nodes_between(graph, from, to)[from]) continue;
      const AblationQuestion question{from, to, random() % 2 == 0 ? mean : zero};
      expect_same_drops(net, question, neurons[pairs % neurons.size()]);
      ++pairs;
      windowed += net.windows.plan(from, to).windows[to].whole() ? 0 : 1;
    }
  }
  EXPECT_GT(pairs, 20);
  EXPECT_GT(windowed, 5);
}

TEST_P(AblationOfNet, SameBitsOnOneTwoAndThreeThreads) {
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    DeviceNet net = slim(threads);
    net.forward(image());
    const std::vector<Stage>& stages = net.graph().stage_ends;
    const int from = stages[2].node, top = stages.back().node;
    std::vector<float> all = drops(net, {from, stages[1].node}, net.strongest(from));
    for (const float drop : drops(net, {net.graph().scores(), top}, {1, 0, 0})) {
      all.push_back(drop);
    }
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << threads << " threads";
  }
}

/// The part of a chain of layers above `to`, which becomes its input.
ModelData rest_of(const ModelData& model, int to) {
  ModelData rest;
  rest.graph.arch = "rest";
  for (size_t i = to; i < model.graph.nodes.size(); ++i) {
    Node node = model.graph.nodes[i];
    const bool first = rest.graph.nodes.empty();
    if (first) node = Node{};
    for (int& input : node.inputs) input -= to;
    rest.graph.nodes.push_back(node);
    LayerWeights& weights = rest.layers.emplace_back();
    if (!has_weights(node)) continue;
    weights = {op_testing::copy_tensor(model.layers[i].weight),
               op_testing::copy_tensor(model.layers[i].bias)};
  }
  infer_shapes(rest.graph, model.graph.shapes[to]);
  return rest;
}

/// With each fill; made-up means of a data set are far from the image's own.
TEST_P(AblationStep, IsWhatAPlainRunOnFilledFeaturesDrops) {
  const std::string file = file_testing::temporary_path("_model.h5");
  write_model(slim_model("vgg16", 96), file);
  const Model stored = Model::load(file);
  const auto model = stored.data();
  const auto means = load_made_up_means(stored);
  DeviceNet net(model, {GetParam()});
  net.forward(noise_image(96));
  const int to = find_layer(net.graph(), "conv4_3"), scores = net.graph().scores();
  const Neuron score = net.strongest(scores);
  DeviceNet rest(rest_of(*model, to), {GetParam()});
  const Tensor feature = net.feature(to);
  rest.forward(feature);
  const double whole = rest.value(scores - to, score);
  const FeatureShape& shape = net.graph().shapes[to];
  const int64_t area = shape.height * shape.width;
  for (const AblationFill fill : {mean, zero, data_set}) {
    const std::vector<float> quick = drops(net, {scores, to, fill, fast, means}, score);
    const std::vector<float> slow = drops(net, {scores, to, fill, naive, means}, score);
    ASSERT_EQ(std::ssize(quick), shape.channels);
    const double largest = std::ranges::max(quick);
    for (int64_t k = 0; k < shape.channels; ++k) {
      Tensor filled = op_testing::copy_tensor(feature);
      const auto channel = filled.span().subspan(k * area, area);
      double sum = 0;
      for (const float value : channel) sum += value;
      const auto own = static_cast<float>(sum / static_cast<double>(area));
      const float made_up = 0.1f + 0.01f * static_cast<float>(k);
      std::ranges::fill(channel, fill == mean ? own : fill == zero ? 0.0f : made_up);
      rest.forward(filled);
      const double expected = whole - rest.value(scores - to, score);
      EXPECT_NEAR(quick[k], expected, 1e-4 * largest) << k;
      EXPECT_NEAR(slow[k], expected, 1e-4 * largest) << k;
    }
  }
}

TEST_P(AblationStep, ADeadChannelDropsExactlyNothing) {
  ModelData model = slim_model("vgg16", 96);
  const LayerWeights& layer = layer_of(model, "conv4_3");
  std::fill_n(const_cast<float*>(layer.bias.data()) + 5, 1, -1e6f);
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(noise_image(96));
  const int from = find_layer(net.graph(), "conv5_3"), to = find_layer(net.graph(), "conv4_3");
  for (const AblationMethod method : {fast, naive}) {
    for (const AblationFill fill : {mean, zero}) {
      const std::vector<float> result = drops(net, {from, to, fill, method}, net.strongest(from));
      EXPECT_EQ(result[5], 0);
      EXPECT_GT(std::ranges::max(result), 0);
    }
  }
}

TEST_P(AblationStep, OfAGroupedConvolution) {
  DeviceNet net(grouped_model(), {GetParam()});
  net.forward(op_testing::random_tensor({1, 3, 24, 24}, 1));
  for (const char* upper : {"halves", "depthwise", "last", "scores"}) {
    for (const char* lower : {"first", "input"}) {
      const int from = find_layer(net.graph(), upper);
      expect_same_drops(net, {from, find_layer(net.graph(), lower)}, net.strongest(from));
    }
  }
}

/// A layer's channels behind another's, alone and beside themselves, then pooled and added.
TEST_P(AblationStep, ThroughConcats) {
  GraphBuilder builder("concats");
  const int a = builder.conv(builder.input(), "a", 5, {3, 1, 1}, Activation::relu, {});
  const int b = builder.conv(builder.input(), "b", 3, {1, 1, 0}, Activation::relu, {});
  const int beside = builder.concat({b, a}, "beside", {});
  const int pooled = builder.max_pool(beside, "pooled", {2, 2, 0}, {});
  const int again = builder.concat({pooled, pooled}, "again", {});
  const int sum = builder.add(again, again, "sum", Activation::relu, {});
  const int top = builder.conv(sum, "top", 4, {3, 1, 1}, Activation::relu, {});
  builder.linear(builder.concat({top, pooled}, "last", {}), "scores", 2, Activation::none, {});
  DeviceNet net(with_random_weights(builder.take(), {3, 20, 20}, 4), {GetParam()});
  net.forward(op_testing::random_tensor({1, 3, 20, 20}, 3));
  for (const int to : {0, a, b, beside}) {
    for (int from = std::max(to, b) + 1; from <= net.graph().scores(); ++from) {
      if (!nodes_between(net.graph(), from, to)[from]) continue;
      expect_same_drops(net, {from, to, zero}, net.strongest(from));
    }
  }
}

TEST(AblationFills, RefusesMeansOfAnotherNetwork) {
  const Model other = Model::initialise("squeezenet1_1", 1, 10);
  DeviceNet net(slim_model("vgg16", 96), {});
  net.forward(noise_image(96));
  const AblationQuestion question{net.graph().scores(), 4, data_set, fast,
                                  load_made_up_means(other)};
  EXPECT_THROW(drops(net, question, {}), Error);
  EXPECT_THROW(drops(net, {net.graph().scores(), 4, data_set}, {}), Error);
}

TEST_P(AblationStep, RefusesALayerThatIsNotBelow) {
  DeviceNet net(slim_model("resnet18", 64), {GetParam()});
  net.forward(noise_image(64));
  const int layer1 = find_layer(net.graph(), "layer1"), layer2 = find_layer(net.graph(), "layer2");
  EXPECT_THROW(drops(net, {layer1, layer2}, {}), Error);
  EXPECT_THROW(drops(net, {layer1, layer1}, {}), Error);
}

TEST(Pearson, OneMinusOneBetweenAndNone) {
  const std::vector<float> rising{1, 2, 3}, steep{10, 20, 30}, falling{3, 2, 1}, bent{1, 3, 2};
  EXPECT_DOUBLE_EQ(pearson(rising, steep), 1);
  EXPECT_DOUBLE_EQ(pearson(rising, falling), -1);
  EXPECT_DOUBLE_EQ(pearson(rising, bent), 0.5);
  EXPECT_TRUE(std::isnan(pearson(rising, std::vector<float>{2, 2, 2})));
  // Ten times 0.1 is not 1: the mean of this constant is off by a rounding.
  const std::vector<float> constant(10, 0.1f);
  std::vector<float> ramp(10);
  std::iota(ramp.begin(), ramp.end(), 0.0f);
  EXPECT_TRUE(std::isnan(pearson(ramp, constant)));
  EXPECT_TRUE(std::isnan(pearson({}, {})));
  EXPECT_THROW(pearson(rising, std::vector<float>{1}), Error);
}

}  // namespace
}  // namespace hdecomp
