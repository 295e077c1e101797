/// Guided backpropagation by hand and against PyTorch, on every device, and as the command draws
/// it.
#include "runtime/tree/guided.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "nets/builder.h"
#include "tests/support/device_net.h"
#include "tests/support/golden_file.h"

namespace hdecomp {
namespace {

using op_testing::device_name;
using op_testing::GoldenFile;
using op_testing::test_devices;
using testing_models::DeviceNet;

constexpr int64_t side = 24;  // of make_guided_goldens.py's images

/// Noise of make_guided_goldens.py.
class Noise {
 public:
  explicit Noise(uint32_t seed) : seed_(seed) {}
  void fill(Tensor& tensor, float scale) {
    for (float& value : tensor.span()) {
      seed_ = seed_ * 1664525u + 1013904223u;
      value = (static_cast<float>(seed_ >> 8) / 8388608.0f - 1.0f) * scale;
    }
  }

 private:
  uint32_t seed_;
};

float weight_scale(int64_t fan_in) {
  float scale = 1;
  while (scale * scale * static_cast<float>(fan_in) > 6) scale /= 2;
  return scale;
}

ModelData with_layers(GraphBuilder& net, FeatureShape input) {
  ModelData model;
  model.graph = net.take();
  infer_shapes(model.graph, input);
  model.layers.resize(model.graph.nodes.size());
  for (size_t i = 0; i < model.layers.size(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    const Shape shape(weight_dims(model.graph, static_cast<int>(i)));
    model.layers[i] = {Tensor(Device{}, shape), Tensor(Device{}, {shape[0]})};
    std::ranges::fill(model.layers[i].bias.span(), 0.0f);
  }
  return model;
}

/// VGG's pattern: pairs of convolutions, pools, a hidden layer.
GraphBuilder plain_net() {
  GraphBuilder net("plain");
  int node = net.conv(net.input(), "a", 6, {3, 1, 1}, Activation::relu, {});
  node = net.conv(node, "b", 8, {3, 1, 1}, Activation::relu, {});
  node = net.max_pool(node, "pool1", {2, 2, 0}, {});
  node = net.conv(node, "c", 10, {3, 1, 1}, Activation::relu, {});
  node = net.conv(node, "d", 10, {3, 1, 1}, Activation::relu, {});
  node = net.max_pool(node, "pool2", {2, 2, 0}, {});
  node = net.adaptive_avg_pool(node, "average", 2, {});
  node = net.linear(node, "hidden", 16, Activation::relu, {});
  net.linear(node, "s", 5, Activation::none, {});
  return net;
}

/// ResNet's pattern: overlapping pool, an identity block, a block with a strided shortcut.
GraphBuilder residual_net() {
  GraphBuilder net("residual");
  int node = net.conv(net.input(), "stem", 8, {3, 1, 1}, Activation::relu, {});
  node = net.max_pool(node, "pool", {3, 2, 1}, {});
  int branch = net.conv(node, "a1", 8, {3, 1, 1}, Activation::relu, {});
  branch = net.conv(branch, "a2", 8, {3, 1, 1}, Activation::none, {});
  const int first = net.add(branch, node, "a", Activation::relu, {});
  branch = net.conv(first, "b1", 12, {3, 2, 1}, Activation::relu, {});
  branch = net.conv(branch, "b2", 12, {3, 1, 1}, Activation::none, {});
  const int shortcut = net.conv(first, "shortcut", 12, {1, 2, 0}, Activation::none, {});
  node = net.add(branch, shortcut, "b", Activation::relu, {});
  node = net.adaptive_avg_pool(node, "average", 1, {});
  net.linear(node, "s", 5, Activation::none, {});
  return net;
}

/// A network of make_guided_goldens.py and its image.
struct NoisyModel {
  ModelData model;
  Tensor image{Device{}, {1, 3, side, side}};

  /// Draws the image, then all weights.
  NoisyModel(GraphBuilder net, uint32_t seed) : model(with_layers(net, {3, side, side})) {
    Noise noise(seed);
    noise.fill(image, 1);
    for (LayerWeights& layer : model.layers) {
      if (layer.weight.data() == nullptr) continue;
      noise.fill(layer.weight, weight_scale(layer.weight.elements() / layer.bias.elements()));
      noise.fill(layer.bias, 0.0625f);
    }
  }
};

/// The same on a device, after its forward pass.
struct NoisyNet : DeviceNet {
  NoisyNet(NoisyModel noisy, Device device) : DeviceNet(std::move(noisy.model), {device}) {
    forward(noisy.image);
  }
};

/// The crop in its place, (3, side, side).
std::vector<float> on_the_image(const GuidedCrop& crop) {
  std::vector<float> whole(3 * side * side, 0.0f);
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < crop.height * crop.width; ++i) {
      const int64_t y = crop.y + i / crop.width, x = crop.x + i % crop.width;
      whole.at((c * side + y) * side + x) = crop.gradient.at(c * crop.height * crop.width + i);
    }
  }
  return whole;
}

/// The largest difference over the largest value of `expected`.
template <class Expected>
double difference(const std::vector<float>& values, const Expected& expected) {
  double most = 0, largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    most = std::max<double>(most, std::abs(values[i] - expected[i]));
    largest = std::max<double>(largest, std::abs(expected[i]));
  }
  return most / largest;
}

/// Compares the four cases of a net; returns how many have a receptive field within the image.
int compare_with_torch(NoisyNet& net, const std::string& name) {
  const GoldenFile goldens("guided.h5");
  int windowed = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string key = joined(name, ".", i);
    const IndexTensor place = goldens.indices(key + ".neuron");
    const int32_t* p = place.data();
    const Neuron neuron{p[1], p[2], p[3]};
    const GuidedCrop crop = guided_windows(net.windows, p[0], {neuron}).at(0);
    const Tensor expected = goldens.floats(key + ".gradient");
    EXPECT_LT(difference(on_the_image(crop), expected.span()), 1e-5) << key;
    windowed += crop.height < side && crop.width < side ? 1 : 0;
    const Tensor plain = net.gradient(p[0], neuron, 0);
    EXPECT_GT(difference(on_the_image(crop), plain.span()), 0.1) << key;
  }
  return windowed;
}

class GuidedTest : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, GuidedTest, ::testing::ValuesIn(test_devices()), device_name);

/// Image (3, 2, 2) -> "f" of three channels -> "g" of one -> scores; 1x1 kernels.
TEST_P(GuidedTest, DropsTheNegativeGradientAtAReluAndKeepsItAtTheImage) {
  GraphBuilder builder("by_hand");
  const int f = builder.conv(builder.input(), "f", 3, {1, 1, 0}, Activation::relu, {});
  const int g = builder.conv(f, "g", 1, {1, 1, 0}, Activation::relu, {});
  builder.linear(g, "s", 1, Activation::none, {});
  ModelData model = with_layers(builder, {3, 2, 2});
  // f = relu(x0 - 3 x2), relu(x1), relu(-x1); g = relu(2 f0 - f1 + 5 f2)
  std::ranges::copy(std::vector<float>{1, 0, -3, 0, 1, 0, 0, -1, 0}, model.layers[f].weight.data());
  std::ranges::copy(std::vector<float>{2, -1, 5}, model.layers[g].weight.data());
  std::ranges::fill(model.layers[3].weight.span(), 1.0f);
  Tensor image(Device{}, {1, 3, 2, 2});
  std::ranges::copy(std::vector<float>{4, 4, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1}, image.data());
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(image);
  ASSERT_EQ(net.value(g, {0, 1, 0}), 1);
  const GuidedCrop crop = guided_windows(net.windows, g, {{0, 1, 0}}).at(0);
  EXPECT_EQ(crop.y, 1);
  EXPECT_EQ(crop.x, 0);
  EXPECT_EQ(crop.height, 1);
  EXPECT_EQ(crop.width, 1);
  EXPECT_EQ(crop.gradient, (std::vector<float>{2, 0, -6}));  // plain: 2, -1, -6
  const std::vector<Neuron> decision{{0, 1, 0}};
  const WindowBatch plain = net.gradients(g, decision, 0);
  EXPECT_TRUE(std::ranges::equal(plain.data.span(), std::vector<float>{2, -1, -6}));
}

TEST_P(GuidedTest, EqualsTorchInAPlainNet) {
  NoisyNet net({plain_net(), 1}, GetParam());
  EXPECT_EQ(compare_with_torch(net, "plain"), 3);
}

TEST_P(GuidedTest, EqualsTorchInAResidualNet) {
  NoisyNet net({residual_net(), 2}, GetParam());
  EXPECT_EQ(compare_with_torch(net, "residual"), 2);
}

TEST_P(GuidedTest, MoreNeuronsThanABatchHoldsStayInOrder) {
  NoisyNet net({plain_net(), 1}, GetParam());
  const int scores = net.graph().scores();
  std::vector<Neuron> neurons;
  for (int64_t i = 0; i < 5000; ++i) neurons.push_back({i % 5, 0, 0});  // 18 KiB each
  const std::vector<GuidedCrop> crops = guided_windows(net.windows, scores, neurons);
  ASSERT_EQ(crops.size(), neurons.size());
  for (int64_t i = 0; i < 5; ++i) {
    const GuidedCrop alone = guided_windows(net.windows, scores, {{i, 0, 0}}).at(0);
    for (size_t at = i; at < crops.size(); at += 5) {
      ASSERT_LT(difference(crops[at].gradient, alone.gradient), 1e-5) << at;
    }
  }
}

TEST(GuidedDrawing, ShowsZeroAsGreyAndTheLargestMagnitudeAtTheEnd) {
  TreeNode node;
  EXPECT_THROW(draw_guided(node), Error);
  GuidedCrop crop{4, 5, 1, 1, {0, 2, -1}};
  node.guided = std::make_shared<const GuidedCrop>(crop);
  Image image = draw_guided(node);
  EXPECT_EQ(image.height, 112);
  EXPECT_EQ(image.width, 112);
  const std::vector<uint8_t> first(image.rgb.begin(), image.rgb.begin() + 3);
  EXPECT_EQ(first, (std::vector<uint8_t>{128, 255, 64}));
  EXPECT_TRUE(std::ranges::equal(first, std::span(image.rgb).last(3)));
  crop = {0, 0, 30, 50, std::vector<float>(3 * 30 * 50, 0.0f)};
  node.guided = std::make_shared<const GuidedCrop>(crop);
  image = draw_guided(node);
  EXPECT_EQ(image.height, 90);  // three times as large: at least 112 on the larger side
  EXPECT_EQ(image.width, 150);
  EXPECT_EQ(image.rgb, std::vector<uint8_t>(3 * 90 * 150, 128));
  crop.width = 49;
  node.guided = std::make_shared<const GuidedCrop>(crop);
  EXPECT_THROW(draw_guided(node), Error);
}

}  // namespace
}  // namespace hdecomp
