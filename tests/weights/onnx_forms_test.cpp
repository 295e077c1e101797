/// ONNX nets of other forms: one output, none at all, inputs that are no squares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hdecomp/model.h"
#include "nets/layer_names.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/import/import.h"
#include "weights/model/other_side.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;
using ::testing::Contains;
using ::testing::HasSubstr;

ModelData through_a_file(const ModelData& model) {
  const std::string path = temporary_path(".h5");
  write_model(model, path);
  return read_model(path);
}

OnnxFile net_of_outputs(int64_t outputs, std::vector<int64_t> input = {1, 3, 8, 8}) {
  OnnxFile net(std::move(input));
  net.weight("c.weight", {4, 3, 3, 3}).weight("fc.weight", {outputs, 4});
  net.node("Conv", {"image", "c.weight"}, "a").node("Relu", {"a"}, "b");
  net.node("GlobalAveragePool", {"b"}, "p").node("Flatten", {"p"}, "f");
  net.node("Gemm", {"f", "fc.weight"}, "s", Attributes().integer("transB", 1));
  return net;
}

TEST(OnnxForms, OneOutputHasAnotherSideAlsoAfterAConversion) {
  OnnxFile net = net_of_outputs(1);
  net.node("Sigmoid", {"s"}, "probability");
  ModelData model = import_model(net.file("probability"), {});
  EXPECT_EQ(model.params.classes, 1);
  EXPECT_EQ(model.graph.shapes.back().channels, 1);
  add_other_side(model);  // what a converted model holds in memory when it is written
  ASSERT_TRUE(has_other_side(model));
  ModelData again = through_a_file(model);
  EXPECT_EQ(again.params.classes, 1);
  EXPECT_EQ(again.graph.nodes.back().out_channels, 1);
  EXPECT_EQ(again.layers.back().weight.shape(), Shape({1, 4}));
}

TEST(OnnxForms, OneOutputThatIsNoSumHasNoOtherSide) {
  OnnxFile net = net_of_outputs(1);
  net.node("LeakyRelu", {"s"}, "leaky").real("two", 2).node("Mul", {"leaky", "two"}, "t");
  ModelData model = import_model(net.file("t"), {});
  ASSERT_EQ(model.graph.nodes.back().op, Op::affine);
  add_other_side(model);
  EXPECT_FALSE(has_other_side(model));
}

TEST(OnnxForms, AMapAtTheEndIsANetworkWithoutAHead) {
  for (const std::vector<std::string>& stages : {std::vector<std::string>{}, {"b"}}) {
    ConvertOptions options;
    options.stages = stages;
    const ModelData model = import_model(net_of_outputs(3).file("b"), options);
    EXPECT_FALSE(model.graph.has_scores);
    EXPECT_EQ(model.params.classes, 0);
    EXPECT_THAT(model.conversion.assumed, Contains(HasSubstr("a network without a head")));
    const ModelData again = through_a_file(model);
    EXPECT_FALSE(again.graph.has_scores);
    ASSERT_EQ(again.graph.stage_ends.size(), 1u);
    EXPECT_EQ(again.graph.stage_ends[0].node, 1);
    EXPECT_EQ(find_layer(again.graph, "b"), 1);
  }
}

TEST(OnnxForms, ARectangleStaysOne) {
  const std::string path = net_of_outputs(3, {1, 3, 8, 12}).file("s");
  const ModelData own = through_a_file(import_model(path, {}));
  EXPECT_EQ(own.graph.shapes[0], (FeatureShape{3, 8, 12}));
  EXPECT_EQ(own.preprocess.crop, PixelSize(8, 12));
  EXPECT_EQ(own.preprocess.resize, Resize::cover);
  EXPECT_EQ(own.preprocess.size, PixelSize(9, 14));  // 256 / 224 of it
  ConvertOptions options;
  options.input.crop = {10, 7};
  const ModelData model = import_model(path, options);
  EXPECT_EQ(model.graph.shapes[0], (FeatureShape{3, 10, 7}));
  EXPECT_EQ(model.preprocess.crop, PixelSize(10, 7));
  options.input.crop = 0;
  options.input.resize = Resize::stretch;
  options.input.size = {9, 20};
  const ModelData stretched = through_a_file(import_model(path, options));
  EXPECT_EQ(stretched.graph.shapes[0], (FeatureShape{3, 9, 20}));
  EXPECT_EQ(stretched.preprocess.size, PixelSize(9, 20));
  EXPECT_EQ(stretched.preprocess.resize, Resize::stretch);
  options.input.resize = Resize::cover;  // a shorter side of 11 has no room for a width of 12
  options.input.size = 11;
  expect_line(error_line([&] { import_model(path, options); }),
              "its input is 8 x 12 pixels, beyond the resize to 11 x 11");
}

TEST(OnnxForms, AnOpenSideIsAsTheOther) {
  for (const std::vector<int64_t>& dims :
       {std::vector<int64_t>{1, 3, 9, 0}, {1, 3, 0, 9}, {0, 3, 9, 9}}) {
    const ModelData model = import_model(net_of_outputs(3, dims).file("s"), {});
    EXPECT_EQ(model.graph.shapes[0], (FeatureShape{3, 9, 9}));
    const bool open = dims[2] != dims[3];
    EXPECT_THAT(model.conversion.assumed,
                Contains(HasSubstr("size open: 9 x 9")).Times(open ? 1 : 0));
  }
}

/// What the file does not say is told unless both numbers are given.
TEST(OnnxForms, ANormalisationThatIsHalfSaidIsToldOf) {
  const std::string path = net_of_outputs(3).file("s");
  const std::vector<float> none, one{0.5f};
  for (const auto& [mean, deviation] :
       {std::pair(none, none), {one, none}, {none, one}, {one, one}}) {
    ConvertOptions options;
    options.input.mean = mean;
    options.input.std = deviation;
    const ModelData model = import_model(path, options);
    const bool whole = !mean.empty() && !deviation.empty();
    EXPECT_THAT(
        model.conversion.assumed,
        Contains(HasSubstr("does not say how its images were normalised")).Times(whole ? 0 : 1));
    EXPECT_EQ(model.preprocess.mean[0], mean.empty() ? 0.485f : 0.5f);
    EXPECT_EQ(model.preprocess.std[2], deviation.empty() ? 0.225f : 0.5f);
  }
}

TEST(OnnxForms, StagesAreChosenInAnyForm) {
  ConvertOptions options;
  options.stages = {"a", "p"};
  for (const int64_t outputs : {1, 3}) {
    const ModelData model =
        through_a_file(import_model(net_of_outputs(outputs).file("s"), options));
    ASSERT_EQ(model.graph.stage_ends.size(), 2u);
    EXPECT_EQ(model.graph.stage_ends[1].node, 2);
  }
  options.stages = {"p", "a"};
  expect_line(error_line([&] { import_model(net_of_outputs(3).file("s"), options); }),
              "--stages: stage ends must rise");
}

}  // namespace
}  // namespace hdecomp
