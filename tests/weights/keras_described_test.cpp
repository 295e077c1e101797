/// Keras's described models as general graphs: each layer's meaning, the ways to join them, and
/// refusals. The scores against TensorFlow.js: tests/keras.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/weights/import_testing.h"
#include "tests/weights/keras_described.h"

namespace hdecomp {
namespace {

using namespace keras_testing;
using import_testing::ops;
using import_testing::values_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string same3 = "\"kernel_size\":[3,3],\"padding\":\"same\"";
const std::string relu = "\"activation\":\"relu\"";

TEST(KerasDescribed, SamePaddingLiesBehindTheMapFirst) {
  const ModelData model = described(
      functional({input(8), layer("Conv2D", "c", same3 + ",\"strides\":[2,2]," + relu, {"image"}),
                  layer("Flatten", "f", "", {"c"}), layer("Dense", "d", "", {"f"})},
                 "d"),
      {counted("c/kernel", {3, 3, 3, 2}), counted("c/bias", {2}), counted("d/kernel", {32, 2}),
       counted("d/bias", {2})});
  EXPECT_EQ(ops(model), (std::vector{Op::input, Op::conv, Op::linear}));
  const Node& conv = model.graph.nodes[1];
  EXPECT_EQ(conv.y, (KernelAxis{3, 2, 0, 1, 1}));
  EXPECT_EQ(conv.activation, Activation::relu);
  EXPECT_EQ(conv.name, "c");
  // Kernels (h, w, in, out) to (out, in, h, w).
  EXPECT_EQ(model.layers[1].weight.data()[0], 1);
  EXPECT_EQ(model.layers[1].weight.data()[1], 7);   // one to the right
  EXPECT_EQ(model.layers[1].weight.data()[9], 3);   // next input channel
  EXPECT_EQ(model.layers[1].weight.data()[27], 2);  // next output channel
  // Flatten counts (h, w, c), a linear layer (c, h, w).
  const Tensor& dense = model.layers[2].weight;
  EXPECT_EQ(dense.data()[0], 1);
  EXPECT_EQ(dense.data()[1], 5);   // one to the right: two rows of two further
  EXPECT_EQ(dense.data()[16], 3);  // next channel: the next row
  EXPECT_EQ(dense.data()[32], 2);
  EXPECT_EQ(model.params.classes, 2);
  EXPECT_EQ(model.preprocess.resize, Resize::stretch);
  EXPECT_FLOAT_EQ(model.preprocess.std[0] * 255, 1);
  EXPECT_THAT(model.conversion.assumed, Contains(HasSubstr("pixels of 0 to 255 as they are")));
}

TEST(KerasDescribed, ARectangleStaysOne) {
  const auto model_of = [](const PixelSize& size, const InputStatement& said) {
    ConvertOptions options;
    options.input = said;
    return described(functional({input(size), layer("Conv2D", "c", "\"kernel_size\":1", {"image"}),
                                 layer("Flatten", "f", "", {"c"}), layer("Dense", "d", "", {"f"})},
                                "d"),
                     {counted("c/kernel", {1, 1, 3, 2}), counted("c/bias", {2}),
                      counted("d/kernel", {12, 2}), counted("d/bias", {2})},
                     options);
  };
  const ModelData model = model_of({2, 3}, {});
  EXPECT_EQ(model.graph.shapes[0], (FeatureShape{3, 2, 3}));
  EXPECT_EQ(model.preprocess.resize, Resize::stretch);
  EXPECT_EQ(model.preprocess.size, PixelSize(2, 3));
  EXPECT_EQ(model.preprocess.crop, PixelSize(2, 3));
  // Flatten counts (h, w, c) = (2, 3, 2), a linear layer (c, h, w); two units beside one another.
  const Tensor& dense = model.layers[2].weight;
  EXPECT_EQ(dense.data()[1], 1 + 2 * 2);  // one to the right
  EXPECT_EQ(dense.data()[3], 1 + 2 * 6);  // one row down
  EXPECT_EQ(dense.data()[6], 1 + 2 * 1);  // the next channel
  InputStatement said;
  said.crop = {2, 3};
  said.size = {4, 5};
  said.resize = Resize::stretch;
  const ModelData cropped = model_of({0, 0}, said);
  EXPECT_EQ(cropped.preprocess.size, PixelSize(4, 5));
  EXPECT_EQ(cropped.graph.shapes[0], (FeatureShape{3, 2, 3}));
}

TEST(KerasDescribed, DepthwiseKernelsAreGroupsInTheChannelsOrder) {
  const ModelData model = described(
      sequential({input(4), layer("DepthwiseConv2D", "w", "\"kernel_size\":2,\"use_bias\":false"),
                  layer("GlobalAveragePooling2D", "m", ""), layer("Softmax", "s", "")}),
      {counted("w/depthwise_kernel", {2, 2, 3, 2})});
  const Node& conv = model.graph.nodes[1];
  EXPECT_EQ(conv.groups, 3);
  EXPECT_EQ(conv.out_channels, 6);
  EXPECT_THAT(values_of(model.layers[1].weight),
              ElementsAre(1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23, 6,
                          12, 18, 24));
  EXPECT_THAT(values_of(model.layers[1].bias), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(model.conversion.assumed, Contains(HasSubstr("the final softmax is left out")));
}

TEST(KerasDescribed, NormsFoldOnlyIntoLayersThatNothingElseReads) {
  const NamedTensors tensors{counted("c/kernel", {1, 1, 3, 2}), counted("c/bias", {2}),
                             counted("n/moving_mean", {2}), counted("n/moving_variance", {2})};
  const std::string conv = layer("Conv2D", "c", "\"kernel_size\":1", {"image"});
  const std::string norm =
      layer("BatchNormalization", "n",
            "\"axis\":[3],\"epsilon\":0.5,\"scale\":false,\"center\":false", {"c"});
  const std::string mean = layer("GlobalAveragePooling2D", "m", "", {"n"});
  const ModelData alone = described(functional({input(4), conv, norm, mean}, "m"), tensors);
  EXPECT_EQ(ops(alone), (std::vector{Op::input, Op::conv, Op::adaptive_avg_pool}));
  EXPECT_FLOAT_EQ(alone.layers[1].weight.data()[1], 3 / std::sqrt(1.5f));
  EXPECT_FLOAT_EQ(alone.layers[1].bias.data()[1], (2 - 2) / std::sqrt(2.5f));
  const ModelData shared =
      described(functional({input(4), conv, norm, layer("Add", "a", "", {"c", "n"}),
                            layer("GlobalAveragePooling2D", "m", "", {"a"})},
                           "m"),
                tensors);
  EXPECT_EQ(ops(shared),
            (std::vector{Op::input, Op::conv, Op::affine, Op::add, Op::adaptive_avg_pool}));
}

std::string inner_model() {
  return functional({input(6), layer("Conv2D", "c", same3 + "," + relu, {"image"})}, "c", "base");
}

TEST(KerasDescribed, ModelsInsideModels) {
  const NamedTensors tensors{counted("c/kernel", {3, 3, 3, 3}), counted("c/bias", {3}),
                             counted("d/kernel", {3, 2}), counted("d/bias", {2})};
  const std::string mean = layer("GlobalAveragePooling2D", "m", "\"keepdims\":true");
  const std::string dense = layer("Dense", "d", "\"activation\":\"softmax\"");
  const ModelData model =
      described(sequential({inner_model(), mean, layer("Flatten", "f", ""), dense}), tensors);
  EXPECT_EQ(ops(model), (std::vector{Op::input, Op::conv, Op::adaptive_avg_pool, Op::linear}));
  EXPECT_EQ(model.params.input_size, 6);
  // Called twice in a model: its first call is number 1 there, since making it was number 0.
  std::string twice = inner_model();
  twice.replace(twice.rfind("[]}"), 3, "[[[\"image\",0,0,{}]],[[\"base\",1,0,{}]]]}");
  std::string after = layer("GlobalAveragePooling2D", "m", "", {"base"});
  after.replace(after.find("\"base\",0"), 8, "\"base\",2");
  const ModelData both =
      described(functional({input(6), twice, after, layer("Dense", "d", "", {"m"})}, "d"), tensors);
  EXPECT_EQ(ops(both),
            (std::vector{Op::input, Op::conv, Op::conv, Op::adaptive_avg_pool, Op::linear}));
  EXPECT_EQ(values_of(both.layers[1].weight), values_of(both.layers[2].weight));
  EXPECT_EQ(both.graph.nodes[2].inputs, std::vector{1});
}

TEST(KerasDescribed, FunctionsOfOneNumber) {
  const auto function = [](const std::string& kind, const std::string& more) {
    const ModelData model = described(
        sequential({input(4), layer(kind, "x", more), layer("GlobalAveragePooling2D", "m", "")}),
        {counted("none/kernel", {1, 1})});
    return model.graph.nodes[1].function;
  };
  EXPECT_EQ(function("LeakyReLU", "\"alpha\":0.25"),
            (ScalarFunction{Function::leaky_relu, 0.25f, 0}));
  EXPECT_EQ(function("LeakyReLU", ""), (ScalarFunction{Function::leaky_relu, 0.3f, 0}));
  EXPECT_EQ(function("ELU", "\"alpha\":2"), (ScalarFunction{Function::elu, 2, 0}));
  EXPECT_EQ(function("ReLU", "\"max_value\":3"), (ScalarFunction{Function::clip, 0, 3}));
  EXPECT_EQ(function("Activation", "\"activation\":\"swish\"").function, Function::silu);
  EXPECT_EQ(function("Activation", "\"activation\":\"exponential\"").function, Function::exp);
  EXPECT_EQ(function("Activation", "\"activation\":\"hard_sigmoid\""),
            (ScalarFunction{Function::hard_sigmoid, 0.2f, 0.5f}));
  EXPECT_EQ(
      function("Activation", "\"activation\":{\"class_name\":\"function\",\"config\":\"gelu\"}")
          .function,
      Function::gelu);
}

TEST(KerasDescribed, MapsAreEnlargedAndTheLargerIsTaken) {
  const NamedTensors none{counted("none/kernel", {1, 1})};
  const ModelData model =
      described(functional({input(4), layer("UpSampling2D", "u", "\"size\":[2,3]", {"image"}),
                            layer("ReLU", "r", "", {"u"}), layer("Maximum", "l", "", {"u", "r"}),
                            layer("GlobalAveragePooling2D", "m", "", {"l"})},
                           "m"),
                none);
  EXPECT_EQ(ops(model),
            (std::vector{Op::input, Op::gather, Op::affine, Op::max, Op::adaptive_avg_pool}));
  EXPECT_EQ(model.graph.nodes[1].y, (KernelAxis{8, 1, 0, 0, 2}));
  EXPECT_EQ(model.graph.nodes[1].x, (KernelAxis{12, 1, 0, 0, 3}));
}

TEST(KerasDescribed, WhatIsNotSupportedIsNamed) {
  const NamedTensors none{counted("none/kernel", {1, 1})};
  const auto refusal = [&](const std::string& entry) {
    return described_refusal(sequential({input(4), entry}), none);
  };
  expect_line(refusal(layer("LSTM", "memory", "")),
              "layer 'memory' ('LSTM') is not supported; supported are Functional, Sequential");
  expect_line(refusal(layer("UpSampling2D", "up", "\"interpolation\":\"bilinear\"")),
              "layer 'up' ('UpSampling2D'): its interpolation is 'bilinear'; nearest is");
  expect_line(refusal(layer("UpSampling2D", "up", "\"size\":[2,0]")), "its size is 2x0");
  expect_line(refusal(layer("Conv2D", "c", "\"padding\":\"same\"")),
              "layer 'c' ('Conv2D'): its kernel is missing");
  expect_line(refusal(layer("MaxPooling2D", "p", "\"padding\":\"causal\"")),
              "layer 'p' ('MaxPooling2D'): its padding is 'causal'; valid and same are read");
  expect_line(refusal(layer("MaxPooling2D", "p", "\"pool_size\":\"two\"")),
              "its pool_size is no whole number");
  expect_line(refusal(layer("MaxPooling2D", "p", "\"data_format\":\"channels_first\"")),
              "its data_format is not channels_last");
  expect_line(refusal(layer("MaxPooling2D", "p", "\"pool_size\":9223372036854775807")),
              "layer 'p' ('MaxPooling2D'): ");
  expect_line(refusal(layer("ZeroPadding2D", "p", "\"padding\":[[1e30,0],[0,0]]")),
              "its padding is 1e+30");
  expect_line(refusal(layer("Activation", "a", "\"activation\":\"mish\"")),
              "layer 'a' ('Activation'): its activation is 'mish'; supported are linear");
  expect_line(refusal(layer("Reshape", "r", "\"target_shape\":[3,16]")),
              "neither a flattening nor its reverse");
  expect_line(refusal(layer("Reshape", "r", "\"target_shape\":[4611686018427387904,4,-1]")),
              "its target_shape does not fit");
  expect_line(refusal(layer("Flatten", "f", "") + "," + layer("BatchNormalization", "n", "")),
              "layer 'n' ('BatchNormalization'): its input is a flattened map");
  expect_line(refusal(layer("GlobalAveragePooling2D", "m", "") + "," + layer("Softmax", "s", "") +
                      "," + layer("ReLU", "r", "")),
              "layer 'r' ('ReLU'): it reads a softmax");
}

TEST(KerasDescribed, GraphsThatAreNone) {
  const NamedTensors none{counted("none/kernel", {1, 1})};
  const auto refusal = [&](const std::vector<std::string>& layers, const std::string& output) {
    return described_refusal(functional(layers, output), none);
  };
  const std::string mean = layer("GlobalAveragePooling2D", "m", "", {"image"});
  expect_line(
      refusal({input(4), layer("ReLU", "a", "", {"b"}), layer("ReLU", "b", "", {"a"})}, "a"),
      "depends on itself");
  expect_line(refusal({input(4), layer("ReLU", "a", "", {"a"})}, "a"), "depends on itself");
  expect_line(refusal({input(4), mean, mean}, "m"), "two layers are called 'm'");
  expect_line(refusal({input(4), mean}, "n"), "layer 'n' is read but not there");
  expect_line(refusal({input(4), layer("ReLU", "a", "", {})}, "a"),
              "layer 'a' ('ReLU'): it reads nothing");
  std::string far = layer("ReLU", "a", "", {"image"});
  far.replace(far.find("\"image\",0"), 9, "\"image\",9");
  expect_line(refusal({input(4), far}, "a"), "output 9, 0 of layer 'image' is read but not there");
  expect_line(refusal({input(9000), mean}, "m"), "sizes are 1 to 4096");
  expect_line(refusal({input(4, 5), mean}, "m"), "images have 3 channels, or 1");
  std::vector<std::string> deep{input(4)};
  for (int i = 0; i < 20000; ++i) {
    deep.push_back(
        layer("Dropout", joined("d", i), "", {i == 19999 ? "image" : joined("d", i + 1)}));
  }
  expect_line(refusal(deep, "d0"), "the output is the image itself");
}

}  // namespace
}  // namespace hdecomp
