/// The executor: forward and backward through whole networks.
#include "runtime/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "nets/builder.h"
#include "nets/layer_names.h"
#include "tests/small_model.h"

namespace hdecomp {
namespace {

using testing_models::noise_image;
using testing_models::slim;

/// The most active neuron of a node after forward().
Neuron strongest(const Executor& executor, const Graph& graph, int node) {
  const Tensor& feature = executor.feature(node);
  const auto span = feature.span();
  const int64_t at = std::max_element(span.begin(), span.end()) - span.begin();
  const FeatureShape& shape = graph.shapes[node];
  return {at / (shape.height * shape.width), at / shape.width % shape.height, at % shape.width};
}

/// sum of G * F over the layer: what the layer's features explain of the decision.
double explained(Executor& executor, int from, const Neuron& neuron, int to) {
  const Tensor& g = executor.gradient(from, neuron, to);
  const Tensor& f = executor.feature(to);
  double sum = 0;
  for (int64_t i = 0; i < g.elements(); ++i) sum += double{g.data()[i]} * f.data()[i];
  return sum;
}

struct Net {
  const char* arch;
  int64_t input_size;
};
void PrintTo(const Net& net, std::ostream* out) { *out << net.arch; }

class ExecutorOnNet : public ::testing::TestWithParam<Net> {};

INSTANTIATE_TEST_SUITE_P(Nets, ExecutorOnNet,
                         ::testing::Values(Net{"vgg11", 64}, Net{"vgg16_bn", 64},
                                           Net{"alexnet", 95}, Net{"resnet18", 64},
                                           Net{"resnet50", 64}),
                         [](const auto& net) { return std::string(net.param.arch); });

TEST_P(ExecutorOnNet, FeaturesExplainAllOfADecisionWhereThereAreNoBiases) {
  // ReLU, max-pool, convolution and linear layers without biases are homogeneous, so by Euler's
  // theorem the sum of G * F over any layer that all paths pass is the decision itself.
  const ModelData model = slim(GetParam().arch, GetParam().input_size);
  const Context context;
  Executor executor(context, model);
  executor.forward(noise_image(GetParam().input_size));
  std::vector<int> levels{0};
  for (const Stage& stage : model.graph.stage_ends) levels.push_back(stage.node);
  levels.push_back(model.graph.scores());
  for (size_t upper = 1; upper < levels.size(); ++upper) {
    const Neuron neuron = strongest(executor, model.graph, levels[upper]);
    const double value = executor.value(levels[upper], neuron);
    ASSERT_GT(value, 0);
    for (size_t lower = 0; lower < upper; ++lower) {
      EXPECT_NEAR(explained(executor, levels[upper], neuron, levels[lower]) / value, 1, 1e-4)
          << levels[upper] << " to " << levels[lower];
    }
  }
}

TEST_P(ExecutorOnNet, GradientToTheImageAgreesWithCentralDifferences) {
  const ModelData model = slim(GetParam().arch, GetParam().input_size);
  const Context context;
  Executor executor(context, model);
  Tensor image = noise_image(GetParam().input_size);
  executor.forward(image);
  const int from = model.graph.stage_ends.back().node;
  const Neuron neuron = strongest(executor, model.graph, from);
  const Tensor& g = executor.gradient(from, neuron, 0);
  const auto largest = std::ranges::max_element(g.span(), {}, [](float v) { return std::abs(v); }) -
                       g.span().begin();
  const double slope = g.data()[largest];
  const float step = 1e-3f, at = image.data()[largest];
  image.data()[largest] = at + step;
  executor.forward(image);
  const double above = executor.value(from, neuron);
  image.data()[largest] = at - step;
  executor.forward(image);
  const double below = executor.value(from, neuron);
  EXPECT_NEAR((above - below) / (2 * step) / slope, 1, 0.02);
}

TEST_P(ExecutorOnNet, SameBitsOnOneTwoAndThreeThreads) {
  const ModelData model = slim(GetParam().arch, GetParam().input_size);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    const Context context(Device{}, threads);
    Executor executor(context, model);
    executor.forward(noise_image(GetParam().input_size));
    const int from = model.graph.scores(), to = model.graph.stage_ends.front().node;
    const auto scores = executor.feature(from).span();
    std::vector<float>& result = results.emplace_back(scores.begin(), scores.end());
    const Tensor& g = executor.gradient(from, strongest(executor, model.graph, from), to);
    result.insert(result.end(), g.span().begin(), g.span().end());
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Executor, GradientIsZeroOutsideTheReceptiveField) {
  const ModelData model = slim("vgg16", 64);
  const Context context;
  Executor executor(context, model);
  executor.forward(noise_image(64));
  const int from = find_layer(model.graph, "conv2_2"), to = find_layer(model.graph, "conv1_2");
  Neuron neuron = strongest(executor, model.graph, from);
  const Tensor& g = executor.gradient(from, neuron, to);
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

TEST(Executor, ResidualBranchesAddUp) {
  // y = relu(a + b), b = 2 x (1x1 convolution), a = x: dy/dx = 3 where the sum is positive.
  GraphBuilder net("by_hand");
  const int b = net.conv(net.input(), "b", 3, {1, 1, 0}, false, {});
  const int y = net.add(b, net.input(), "y", true, {});
  net.linear(y, "scores", 1, false, {});
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
  Tensor image(Device{}, {1, 3, 2, 2});
  for (int i = 0; i < 12; ++i) image.data()[i] = i % 2 == 0 ? 1.0f : -1.0f;

  const Context context;
  Executor executor(context, model);
  executor.forward(image);
  EXPECT_EQ(executor.value(3, {0, 0, 0}), 3 * (1 + 3 + 5 + 7 + 9 + 11));
  const Tensor& g = executor.gradient(3, {0, 0, 0}, 0);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(g.data()[i], i % 2 == 0 ? 3 * (i + 1) : 0) << i;
}

TEST(Executor, RefusesATargetThatIsNotBelow) {
  const ModelData model = slim("resnet18", 64);
  const Context context;
  Executor executor(context, model);
  executor.forward(noise_image(64));
  const int lower = find_layer(model.graph, "layer1"), upper = find_layer(model.graph, "layer2");
  EXPECT_THROW(executor.gradient(lower, {0, 0, 0}, upper), Error);
  EXPECT_THROW(executor.gradient(lower, {0, 0, 0}, lower), Error);
  const int shortcut = find_layer(model.graph, "layer2.0.downsample");
  EXPECT_THROW(executor.gradient(shortcut, {0, 0, 0}, find_layer(model.graph, "layer2.0.conv1")),
               Error);
}

TEST(Executor, NamesANonFiniteScore) {
  ModelData model = slim("vgg11", 64);
  std::ranges::fill(model.layers.back().weight.span(), 3e38f);
  const std::string file = ::testing::TempDir() + "overflowing.h5";
  write_model(model, file);
  Explainer explainer(Model::load(file), {.device = "cpu"});
  try {
    explainer.classify({64, 64, std::vector<uint8_t>(64 * 64 * 3, 200)});
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("score of class 0"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace hdecomp
