/// The selective backward pass against the dense one.
#include "runtime/window_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "hdecomp/error.h"
#include "kernels/gap_reduce.h"
#include "nets/layer_names.h"
#include "tests/small_model.h"

namespace hdecomp {
namespace {

using testing_models::noise_image;
using testing_models::slim;

struct Net {
  const char* arch;
  int64_t input_size;
};
void PrintTo(const Net& net, std::ostream* out) { *out << net.arch; }

class WindowsOfNet : public ::testing::TestWithParam<Net> {
 protected:
  ModelData model_ = slim(GetParam().arch, GetParam().input_size);
  Context context_;
  Executor dense_{context_, model_};
  WindowExecutor windows_{context_, model_, dense_};
  std::mt19937 random_{11};

  void SetUp() override { dense_.forward(noise_image(GetParam().input_size)); }

  /// Neurons of a layer with a positive value: the corners' if they are, and random ones.
  std::vector<Neuron> positive_neurons(int node, int count) {
    const FeatureShape& shape = model_.graph.shapes[node];
    std::vector<Neuron> found;
    for (int64_t c = 0; c < shape.channels && found.empty(); ++c) {
      if (dense_.value(node, {c, 0, 0}) > 0) found.push_back({c, 0, 0});
    }
    for (int64_t c = 0; c < shape.channels && found.size() < 2; ++c) {
      const Neuron corner{c, shape.height - 1, shape.width - 1};
      if (dense_.value(node, corner) > 0) found.push_back(corner);
    }
    for (int tries = 0; tries < 1000 && static_cast<int>(found.size()) < count; ++tries) {
      const Neuron neuron{static_cast<int64_t>(random_() % shape.channels),
                          static_cast<int64_t>(random_() % shape.height),
                          static_cast<int64_t>(random_() % shape.width)};
      if (dense_.value(node, neuron) > 0) found.push_back(neuron);
    }
    return found;
  }

  /// The largest difference of a window batch from the dense gradients over their largest value.
  double error(int from, const std::vector<Neuron>& neurons, int to) {
    const WindowBatch batch = windows_.gradients(from, neurons, to);
    const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
    double difference = 0, largest = 0;
    for (size_t d = 0; d < neurons.size(); ++d) {
      const Tensor& g = dense_.gradient(from, neurons[d], to);
      const int64_t top = wy.begin(neurons[d].y), left = wx.begin(neurons[d].x);
      for (int64_t c = 0; c < batch.channels; ++c) {
        const float* plane = g.data() + c * wy.map * wx.map;
        for (int64_t i = 0; i < wy.map * wx.map; ++i) {
          const int64_t y = i / wx.map - top, x = i % wx.map - left;
          const bool inside = y >= 0 && y < wy.size && x >= 0 && x < wx.size;
          const float ours =
              inside ? batch.plane(c, static_cast<int64_t>(d))[y * wx.size + x] : 0.0f;
          difference = std::max<double>(difference, std::abs(ours - plane[i]));
          largest = std::max<double>(largest, std::abs(plane[i]));
        }
      }
    }
    return largest > 0 ? difference / largest : difference;
  }
};

INSTANTIATE_TEST_SUITE_P(Nets, WindowsOfNet,
                         ::testing::Values(Net{"vgg16", 96}, Net{"alexnet", 127},
                                           Net{"resnet18", 128}, Net{"resnet50", 128}),
                         [](const auto& net) { return std::string(net.param.arch); });

TEST_P(WindowsOfNet, EqualTheDenseGradientsForEveryLayerPair) {
  const Graph& graph = model_.graph;
  int64_t pairs = 0, windowed = 0;
  for (int from = graph.scores(); from > 0; --from) {
    const std::vector<Neuron> neurons = positive_neurons(from, 3);
    if (neurons.empty()) continue;
    // Every lower layer for the shallow nets, every third for ResNet-50's 70 nodes.
    const int step = graph.nodes.size() > 40 ? 3 : 1;
    for (int to = from - 1; to >= 0; to -= step) {
      if (!nodes_between(graph, from, to)[from]) continue;
      EXPECT_LT(error(from, neurons, to), 1e-5)
          << graph.nodes[from].name << " to " << graph.nodes[to].name;
      ++pairs;
      windowed += windows_.plan(from, to).windows[to].whole() ? 0 : 1;
    }
  }
  EXPECT_GT(pairs, 50);
  EXPECT_GT(windowed, 20);
}

TEST_P(WindowsOfNet, SameBitsOnOneTwoAndThreeThreads) {
  const Graph& graph = model_.graph;
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3}) {
    const Context context(Device{}, threads);
    WindowExecutor windows(context, model_, dense_);
    std::vector<float>& result = results.emplace_back();
    random_.seed(3);
    for (size_t stage = 1; stage < graph.stage_ends.size(); ++stage) {
      const int from = graph.stage_ends[stage].node;
      const std::vector<Neuron> neurons = positive_neurons(from, 9);
      const WindowBatch batch = windows.gradients(from, neurons, graph.stage_ends[stage - 1].node);
      result.insert(result.end(), batch.data.span().begin(), batch.data.span().end());
    }
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST_P(WindowsOfNet, ReduceToTheSameContributionsAndPeaksAsDenseMaps) {
  const Graph& graph = model_.graph;
  const int from = graph.stage_ends[2].node, to = graph.stage_ends[1].node;
  const std::vector<Neuron> neurons = positive_neurons(from, 4);
  const auto count = static_cast<int64_t>(neurons.size());
  const WindowBatch batch = windows_.gradients(from, neurons, to);
  GapResult windowed(Device{}, count, batch.channels), dense(Device{}, 1, batch.channels);
  gap_reduce(context_, batch, dense_.feature(to), windowed);
  for (int64_t d = 0; d < count; ++d) {
    gap_reduce(context_, dense_.gradient(from, neurons[d], to), dense_.feature(to), dense);
    for (int64_t c = 0; c < batch.channels; ++c) {
      const int64_t at = d * batch.channels + c;
      const float scale = std::abs(dense.peak.data()[c]) + 1e-6f;
      EXPECT_NEAR(windowed.alpha.data()[at], dense.alpha.data()[c], 1e-5 * scale);
      EXPECT_NEAR(windowed.peak.data()[at], dense.peak.data()[c], 1e-5 * scale);
      EXPECT_EQ(windowed.position.data()[at], dense.position.data()[c]);
      EXPECT_NEAR(windowed.mean_gradient.data()[at], dense.mean_gradient.data()[c], 1e-5);
      EXPECT_NEAR(windowed.max_gradient.data()[at], dense.max_gradient.data()[c], 1e-5);
    }
  }
}

TEST(Windows, GroupedConvolutionsEqualTheDenseGradient) {
  ModelData model = slim("alexnet", 127);
  const int conv2 = find_layer(model.graph, "conv2");
  Node& node = model.graph.nodes[conv2];
  node.groups = 2;  // as in the first AlexNet
  const Tensor all = std::move(model.layers[conv2].weight);
  model.layers[conv2].weight = Tensor(Device{}, Shape(weight_dims(model.graph, conv2)));
  std::copy_n(all.data(), model.layers[conv2].weight.elements(), model.layers[conv2].weight.data());
  const Context context;
  Executor dense(context, model);
  WindowExecutor windows(context, model, dense);
  dense.forward(noise_image(127));
  for (const char* upper : {"conv2", "conv3"}) {
    const int from = find_layer(model.graph, upper), to = find_layer(model.graph, "conv1");
    const auto feature = dense.feature(from).span();
    const int64_t at = std::max_element(feature.begin(), feature.end()) - feature.begin();
    const FeatureShape& shape = model.graph.shapes[from];
    const Neuron neuron{at / (shape.height * shape.width), at / shape.width % shape.height,
                        at % shape.width};
    const WindowBatch batch = windows.gradients(from, {&neuron, 1}, to);
    const Tensor& g = dense.gradient(from, neuron, to);
    double windowed = 0, whole = 0;
    for (const float v : batch.data.span()) windowed += std::abs(v);
    for (const float v : g.span()) whole += std::abs(v);
    EXPECT_GT(whole, 0);
    EXPECT_NEAR(windowed / whole, 1, 1e-5) << upper;
  }
}

TEST(Windows, RefuseATargetThatIsNotBelow) {
  const ModelData model = slim("resnet18", 64);
  const Context context;
  Executor dense(context, model);
  WindowExecutor windows(context, model, dense);
  dense.forward(noise_image(64));
  const int layer1 = find_layer(model.graph, "layer1"), layer2 = find_layer(model.graph, "layer2");
  const std::vector<Neuron> neurons(1);
  EXPECT_THROW(windows.gradients(layer1, neurons, layer2), Error);
  EXPECT_THROW(windows.gradients(layer1, neurons, layer1), Error);
}

}  // namespace
}  // namespace hdecomp
