/// Keras's weights to a model: layouts turned, batch norm folded, misfits named.
#include "tests/weights/import_testing.h"
#include "weights/import/foreign_names.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using testing_models::layer_of;

/// Keras keeps (k, k, in, out); `flip`: the file's input channels are BGR.
void expect_turned(const Tensor& native, const NamedTensor& keras, bool flip) {
  const auto& k = keras.dims;
  ASSERT_EQ(native.shape(), Shape({k[3], k[2], k[0], k[1]})) << keras.name;
  size_t at = 0;
  for (int64_t y = 0; y < k[0]; ++y) {
    for (int64_t x = 0; x < k[1]; ++x) {
      for (int64_t i = 0; i < k[2]; ++i) {
        for (int64_t o = 0; o < k[3]; ++o, ++at) {
          const int64_t in = flip ? k[2] - 1 - i : i;
          ASSERT_EQ(native.data()[((o * k[2] + in) * k[0] + y) * k[1] + x], keras.values[at])
              << keras.name;
        }
      }
    }
  }
}

TEST(ImportKeras, Vgg16) {
  NamedTensors source = keras_vgg16();
  const ModelData model = import_keras(source);
  EXPECT_EQ(model.params.arch, "vgg16");
  EXPECT_EQ(model.params.widths.front(), 4);
  EXPECT_EQ(model.params.widths.back(), 16);
  EXPECT_EQ(model.params.pool_size, 2);
  EXPECT_EQ(model.preprocess.resize, Resize::stretch);
  EXPECT_EQ(model.preprocess.size, 224);
  // Red is the last of Keras's means, 103.939, 116.779 and 123.68.
  EXPECT_FLOAT_EQ(model.preprocess.mean[0] * 255, 123.68f);
  EXPECT_FLOAT_EQ(model.preprocess.mean[2] * 255, 103.939f);
  EXPECT_FLOAT_EQ(model.preprocess.std[1] * 255, 1);
  expect_turned(layer_of(model, "conv1_1").weight, named(source, "block1_conv1/kernel"), true);
  expect_turned(layer_of(model, "conv1_2").weight, named(source, "block1_conv2/kernel"), false);
  expect_turned(layer_of(model, "conv5_3").weight, named(source, "block5_conv3/kernel"), false);
  EXPECT_EQ(values_of(layer_of(model, "conv5_3").bias), named(source, "block5_conv3/bias").values);
  const float* fc6 = layer_of(model, "fc6").weight.data();
  const std::vector<float>& dense = named(source, "fc1/kernel").values;  // (h, w, c) x 12
  for (int64_t o = 0; o < 12; ++o) {
    for (int64_t c = 0; c < 16; ++c) {
      for (int64_t at = 0; at < 4; ++at) {
        ASSERT_EQ(fc6[o * 64 + c * 4 + at], dense[static_cast<size_t>((at * 16 + c) * 12 + o)]);
      }
    }
  }
  EXPECT_EQ(layer_of(model, "fc7").weight.data()[1 * 12 + 3],
            named(source, "fc2/kernel").values[3 * 11 + 1]);
}

double folded_scale(const ModelData& model, NamedTensors& source, const std::string& keras,
                    const std::string& layer) {
  const NamedTensor& kernel = named(source, keras + "/kernel");
  return layer_of(model, layer).weight.data()[0] / kernel.values[0];
}

TEST(ImportKeras, Resnet50OfBothNamings) {
  for (const bool old : {false, true}) {
    NamedTensors source = keras_resnet50(old);
    const ModelData model = import_keras(source);
    EXPECT_EQ(model.params.arch, "resnet50");
    EXPECT_EQ(model.params.widths, (std::vector<int64_t>{4, 2, 3, 4, 5}));
    EXPECT_TRUE(model.params.stride_in_1x1);
    const auto node = [&](const char* name) {
      return *std::ranges::find(model.graph.nodes, name, &Node::name);
    };
    EXPECT_EQ(node("layer2.0.conv1").y.stride, 2);
    EXPECT_EQ(node("layer2.0.conv2").y.stride, 1);
    const std::string conv = old ? "res4c_branch2a" : "conv4_block3_1_conv";
    const std::string norm = old ? "bn4c_branch2a" : "conv4_block3_1_bn";
    const auto first = [&](const char* role) {
      return static_cast<double>(named(source, norm + role).values[0]);
    };
    const double epsilon = old ? 1e-3 : 1.001e-5;
    const double scale = first("/gamma") / std::sqrt(first("/moving_variance") + epsilon);
    EXPECT_NEAR(folded_scale(model, source, conv, "layer3.2.conv1"), scale, 1e-6 * std::abs(scale));
    const double bias = named(source, conv + "/bias").values[0];
    EXPECT_NEAR(layer_of(model, "layer3.2.conv1").bias.data()[0],
                (bias - first("/moving_mean")) * scale + first("/beta"), 1e-6);
  }
}

TEST(ImportKeras, Resnet50FindsEveryLayer) {
  // Both namings hold the same values in the same order, so only the epsilon tells the models
  // apart.
  const ModelData today = import_keras(keras_resnet50(false));
  const ModelData before = import_keras(keras_resnet50(true));
  for (int i = 0; i <= today.graph.scores(); ++i) {
    const auto a = today.layers[i].weight.span(), b = before.layers[i].weight.span();
    ASSERT_EQ(a.size(), b.size());
    for (size_t at = 0; at < a.size(); ++at) {
      ASSERT_NEAR(a[at], b[at], 0.06 * std::abs(a[at])) << today.graph.nodes[i].name;
    }
  }
  NamedTensors source = keras_resnet50(false);
  // With the batch norm of an identity, the stem's weights are the file's, BGR turned to RGB.
  std::ranges::fill(named(source, "conv1_bn/gamma").values, 1.0f);
  std::ranges::fill(named(source, "conv1_bn/moving_variance").values, 1.0f - 1.001e-5f);
  const ModelData model = import_keras(source);
  expect_turned(layer_of(model, "conv1").weight, named(source, "conv1_conv/kernel"), true);
}

TEST(ImportKeras, NamesMisfits) {
  NamedTensors missing = keras_vgg16();
  drop(missing, "block3_conv2/bias");
  expect_line(keras_refusal(missing), "block3_conv2/bias is missing; expected shape (9)");
  NamedTensors shape = keras_vgg16();
  reshape(shape, "block1_conv2/kernel", {3, 3, 5, 5});
  expect_line(keras_refusal(shape),
              "block1_conv2/kernel:0 has shape (3, 3, 5, 5), expected (3, 3, 4, 5)");
  NamedTensors extra = keras_vgg16();
  extra.push_back({"head/kernel", {1, 2}, {0, 0}});
  expect_line(keras_refusal(extra), "'head/kernel:0' of shape (1, 2) is extra");
  NamedTensors nan = keras_vgg16();
  named(nan, "fc2/bias").values[3] = INFINITY;
  expect_line(keras_refusal(nan), "tensor fc2/bias:0 holds inf at element 3");
}

}  // namespace
}  // namespace hdecomp
