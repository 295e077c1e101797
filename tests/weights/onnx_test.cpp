/// ONNX files as models: patterns, names, stages, the way through the model file, refusals.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "nets/layer_names.h"
#include "tests/weights/import_testing.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/file/half.h"
#include "weights/import/import.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using import_testing::ops;
using namespace onnx_testing;

std::string refusal(const OnnxFile& net, const std::string& output, int64_t opset = 13) {
  const std::string path = net.file(output, opset);
  const std::string line = error_line([&] { import_model(path, {}); });
  expect_line(line, path);
  return line;
}

TEST(Onnx, ASmallNetHasItsOwnNamesAndStages) {
  const ModelData model = import_model(small_net().file("s"), {});
  EXPECT_EQ(ops(model), (std::vector{Op::input, Op::conv, Op::adaptive_avg_pool, Op::linear}));
  EXPECT_EQ(model.graph.nodes[1].activation, Activation::relu);
  for (const char* name : {"c", "a", "b", "node_a", "node_b"})
    EXPECT_EQ(find_layer(model.graph, name), 1) << name;
  EXPECT_EQ(find_layer(model.graph, "fc"), 3);
  ASSERT_EQ(model.graph.stage_ends.size(), 1u);
  EXPECT_EQ(model.graph.stage_ends[0].node, 1);
  EXPECT_EQ(model.params.classes, 3);
  EXPECT_EQ(model.preprocess.crop, 8);
}

TEST(Onnx, TheModelFileHoldsTheGraph) {
  ConvertOptions options;
  options.weights_16 = true;
  const ModelData model = import_model(small_net().file("s"), options);
  const std::string path = temporary_path(".h5");
  write_model(model, path);
  const ModelData again = read_model(path);
  EXPECT_EQ(ops(again), ops(model));
  EXPECT_EQ(again.graph.shapes, model.graph.shapes);
  for (size_t i = 0; i < model.layers.size(); ++i) {
    EXPECT_EQ(again.graph.nodes[i].y, model.graph.nodes[i].y);
    EXPECT_EQ(again.graph.nodes[i].activation, model.graph.nodes[i].activation);
    if (model.layers[i].weight.data() == nullptr) continue;
    EXPECT_TRUE(std::ranges::equal(again.layers[i].weight.span(), model.layers[i].weight.span()));
  }
}

TEST(Onnx, ASoftmaxIsTakenOffAndAnIdentityOfAWeightIsTheWeight) {
  OnnxFile net = small_net();
  net.node("Identity", {"fc.weight"}, "w")
      .node("Gemm", {"f", "w"}, "t", Attributes().integer("transB", 1));
  net.node("Softmax", {"t"}, "probabilities");
  const ModelData model = import_model(net.file("probabilities"), {});
  EXPECT_EQ(ops(model).back(), Op::linear);
  EXPECT_NE(model.conversion.assumed.at(0).find("final Softmax"), std::string::npos);
}

TEST(Onnx, ExportersSpellings) {
  OnnxFile net;
  net.weight("w", {4, 3, 1, 1})
      .real("3", 3)
      .real("6", 6)
      .real("0", 0)
      .whole("split", {1, 2, 2, 8, 8})
      .whole("join", {1, 4, 8, 8});
  net.node("Conv", {"image", "w"}, "x")
      .node("Add", {"x", "3"}, "x3")
      .node("Clip", {"x3", "0", "6"}, "gate");
  net.node("Mul", {"x", "gate"}, "product").node("Div", {"product", "6"}, "swish");
  net.node("Sigmoid", {"swish"}, "sigmoid").node("Mul", {"swish", "sigmoid"}, "silu");
  net.node("Reshape", {"silu", "split"}, "r5")
      .node("Transpose", {"r5"}, "t5", Attributes().ints("perm", {0, 2, 1, 3, 4}));
  net.node("Reshape", {"t5", "join"}, "shuffled")
      .node("GlobalAveragePool", {"shuffled"}, "p")
      .node("Flatten", {"p"}, "s");
  const ModelData model = import_model(net.file("s"), {});
  ASSERT_EQ(ops(model), (std::vector{Op::input, Op::conv, Op::activation, Op::activation,
                                     Op::channel_shuffle, Op::adaptive_avg_pool}));
  EXPECT_EQ(model.graph.nodes[2].function.function, Function::hard_swish);
  EXPECT_EQ(model.graph.nodes[3].function.function, Function::silu);
  EXPECT_EQ(model.graph.nodes[4].groups, 2);
}

TEST(Onnx, StagesAreChosen) {
  ConvertOptions options;
  options.stages = {"image_of_nobody"};
  expect_line(error_line([&] { import_model(small_net().file("s"), options); }),
              "no layer 'image_of_nobody'");
  options.stages = {"b", "p"};
  EXPECT_EQ(import_model(small_net().file("s"), options).graph.stage_ends.size(), 2u);
}

TEST(Onnx, WhatItCannotDoIsOneLine) {
  OnnxFile odd = small_net();
  odd.node("Softmax2", {"s"}, "t");
  expect_line(refusal(odd, "t"),
              "node 'node_t' ('Softmax2'): is not supported; supported are Abs, Add,");
  OnnxFile loop;
  loop.node("Relu", {"b"}, "a").node("Relu", {"a"}, "b");
  expect_line(refusal(loop, "b"), "no input");
  OnnxFile cycle;
  cycle.node("Add", {"image", "b"}, "a").node("Relu", {"a"}, "b");
  expect_line(refusal(cycle, "b"), "reads 'b', which no node before it makes");
  OnnxFile huge = small_net();
  huge.tensor("h", {int64_t{1} << 40, 3, 3, 3}, 1, message(9, "1234"))
      .node("Conv", {"image", "h"}, "t");
  expect_line(refusal(huge, "t"), "tensor 'h' has a dimension of");
  OnnxFile wide;
  wide.whole("n", {1 << 15, 1 << 15})
      .node("ConstantOfShape", {"n"}, "h")
      .node("Gemm", {"image", "h"}, "t");
  expect_line(refusal(wide, "t"), "far more than a file of this size holds");
  expect_line(refusal(small_net(), "s", 99), "operator set 99; 7 to 21 are supported");
  expect_line(refusal(small_net(), "image"), "is not computed from the image");
}

TEST(Onnx, ExternalDataStaysInTheFolder) {
  const auto outside = [](const std::string& location) {
    OnnxFile net;
    const std::string entry = message(13, message(1, "location") + message(2, location));
    net.tensor("w", {1}, 1, entry + number(14, 1)).node("Mul", {"image", "w"}, "s");
    return refusal(net, "s");
  };
  expect_line(outside("../w.bin"), "must lie in the model's folder");
  expect_line(outside("/etc/passwd"), "must lie in the model's folder");
  expect_line(outside(""), "no file's name");
  const std::string link = temporary_path(".bin");
  ASSERT_EQ(symlink("/etc/passwd", link.c_str()), 0);
  expect_line(outside(std::filesystem::path(link).filename()), "a link is not followed");
}

TEST(Onnx, DamagedFilesAreRefusedOrReadButNeverWorse) {
  const std::string text = small_net().bytes("s"), path = temporary_path(".onnx");
  const auto read = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    import_model(path, {});
  };
  const Bytes whole(text.begin(), text.end());
  for (size_t size = 1; size < whole.size(); size += 3)
    accepts(read, Bytes(whole.begin(), whole.begin() + size));
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    Bytes bytes = whole;
    for (int k = 0; k < 1 + i % 4; ++k)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    accepts(read, bytes);
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(half_of(1.0f), 0x3c00);
  EXPECT_EQ(half_of(-2.0f), 0xc000);
  EXPECT_EQ(half_of(65519.0f), 0x7bff);
  EXPECT_EQ(half_of(65520.0f), 0x7c00);
  EXPECT_EQ(half_of(0x1p-24f), 0x0001);
  EXPECT_EQ(half_of(0x1p-25f), 0x0000);
  EXPECT_EQ(half_of(0x1.8p-25f), 0x0001);
  EXPECT_EQ(half_of(1 + 0x1p-11f), 0x3c00);
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    ASSERT_EQ(half_of(float_of_half(static_cast<uint16_t>(bits))), bits);
  }
}

}  // namespace
}  // namespace hdecomp
