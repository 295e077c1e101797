/// What a user says of a network's input changes that alone; the rest stays the framework's own.
#include "weights/import/input_rule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/slim_models.h"
#include "tests/weights/foreign_files.h"
#include "weights/import/import.h"
#include "weights/import/usual_input.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using testing_models::layer_of;

InputRule keras(const InputStatement& said) {
  return input_rule(Dialect::keras, said, usual_input(Dialect::keras, "vgg16", 224), false, "k.h5");
}
InputRule torch(const InputStatement& said) {
  return input_rule(Dialect::torchvision, said, Preprocess{}, false, "t.pth");
}
std::string refusal(Dialect dialect, const InputStatement& said, bool grey = false) {
  return error_line(
      [&] { input_rule(dialect, said, usual_input(dialect, "vgg16", 224), grey, "a.pth"); });
}

void expect_three(const std::array<float, 3>& got, const std::array<float, 3>& wanted) {
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(got[i], wanted[i], 1e-6 * std::abs(wanted[i]) + 1e-9);
}

constexpr std::array<float, 3> keras_mean{123.68f / 255, 116.779f / 255, 103.939f / 255};
constexpr std::array<float, 3> keras_std{1.0f / 255, 1.0f / 255, 1.0f / 255};

TEST(InputRule, OneFlagLeavesTheRestOfKerasRule) {
  InputStatement resize;
  resize.resize = Resize::stretch;
  resize.size = 64;
  InputRule rule = keras(resize);
  EXPECT_EQ(rule.rule.resize, Resize::stretch);
  EXPECT_EQ(rule.rule.size, 64);
  EXPECT_EQ(rule.rule.crop, 64);
  expect_three(rule.rule.mean, keras_mean);
  expect_three(rule.rule.std, keras_std);
  InputStatement crop;
  crop.crop = 200;
  rule = keras(crop);
  EXPECT_EQ(rule.rule.resize, Resize::stretch);
  EXPECT_EQ(rule.rule.size, 224);
  EXPECT_EQ(rule.rule.crop, 200);
  expect_three(rule.rule.mean, keras_mean);
  InputStatement mean;
  mean.mean = {0, 0, 0};
  rule = keras(mean);
  EXPECT_EQ(rule.rule.size, 224);
  expect_three(rule.rule.mean, {0, 0, 0});
  expect_three(rule.rule.std, keras_std);
  InputStatement deviation;
  deviation.std = {1};
  rule = keras(deviation);
  expect_three(rule.rule.mean, keras_mean);
  expect_three(rule.rule.std, {1, 1, 1});
}

TEST(InputRule, InterpolationIsBilinearUnlessSaid) {
  EXPECT_EQ(torch({}).rule.interpolation, Interpolation::bilinear);
  InputStatement said;
  said.interpolation = Interpolation::nearest;
  EXPECT_EQ(torch(said).rule.interpolation, Interpolation::nearest);
  EXPECT_EQ(keras(said).rule.interpolation, Interpolation::nearest);
}

TEST(InputRule, TorchvisionsPresets) {
  struct Preset {
    const char* arch;
    int64_t size, crop;
    Interpolation interpolation;
  };
  for (const Preset& preset : {Preset{"resnet50", 256, 224, Interpolation::bilinear},
                               Preset{"inception_v3", 342, 299, Interpolation::bilinear},
                               Preset{"efficientnet_b1", 256, 240, Interpolation::bicubic},
                               Preset{"efficientnet_b4", 384, 380, Interpolation::bicubic},
                               Preset{"regnet_y_128gf", 384, 384, Interpolation::bicubic},
                               Preset{"shufflenet_v2_x2_0", 232, 224, Interpolation::bilinear}}) {
    SCOPED_TRACE(preset.arch);
    const PixelSize own = default_params(preset.arch).input_size;
    const Preprocess usual = usual_input(Dialect::torchvision, preset.arch, own);
    const Preprocess rule = input_rule(Dialect::torchvision, {}, usual, false, "a.pth").rule;
    EXPECT_EQ(rule.resize, Resize::cover);
    EXPECT_EQ(rule.size, preset.size);
    EXPECT_EQ(rule.crop, preset.crop);
    EXPECT_EQ(rule.interpolation, preset.interpolation);
    const bool scaled = scales_its_input(preset.arch);
    expect_three(rule.mean, scaled ? std::array{0.5f, 0.5f, 0.5f} : Preprocess{}.mean);
    expect_three(rule.std, scaled ? std::array{0.5f, 0.5f, 0.5f} : Preprocess{}.std);
  }
  for (const std::string& arch : arch_names()) {  // a crop is the architecture's own input
    const PixelSize own = default_params(arch).input_size;
    if (arch.starts_with("cifar")) continue;
    EXPECT_EQ(published_input(arch).crop, own) << arch;
  }
  const Preprocess cifar = usual_input(Dialect::torchvision, "cifar_resnet20", 32);
  EXPECT_EQ(cifar.resize, Resize::stretch);
  EXPECT_EQ(cifar.size, 32);
  EXPECT_EQ(usual_resize(299), 342);
  EXPECT_EQ(usual_resize(1), 1);
}

TEST(InputRule, KerasOwnAsItsTrainingKnewIt) {
  const InputRule rule = keras({});
  EXPECT_EQ(rule.notes.channel_order, ChannelOrder::bgr);
  EXPECT_EQ(rule.notes.pixel_range, 255);
  expect_three(rule.notes.mean, {103.939f, 116.779f, 123.68f});
  expect_three(rule.notes.std, {1, 1, 1});
}

TEST(InputRule, AShorterSideKeepsTheFrameworksCropWhereItFits) {
  InputStatement said;
  said.resize = Resize::cover;
  said.size = 256;
  EXPECT_EQ(torch(said).rule.crop, 224);
  said.size = 128;
  EXPECT_EQ(torch(said).rule.crop, 128);
  said.crop = 100;
  EXPECT_EQ(torch(said).rule.crop, 100);
}

TEST(InputRule, MeansAreInTheNetworksOrderAndRange) {
  InputStatement caffe;
  caffe.mean = {103.939f, 116.779f, 123.68f};
  caffe.std = {1};
  caffe.channel_order = ChannelOrder::bgr;
  caffe.pixel_range = 255;
  const InputRule rule = torch(caffe);
  expect_three(rule.rule.mean, keras_mean);
  expect_three(rule.rule.std, keras_std);
  expect_three(rule.notes.mean, {103.939f, 116.779f, 123.68f});
  EXPECT_EQ(rule.rule.size, 256);
  InputStatement rescaled;  // Keras's ImageDataGenerator(rescale=1/255)
  rescaled.mean = {0};
  rescaled.std = {1};
  rescaled.channel_order = ChannelOrder::rgb;
  rescaled.pixel_range = 1;
  expect_three(keras(rescaled).rule.mean, {0, 0, 0});
  expect_three(keras(rescaled).rule.std, {1, 1, 1});
  EXPECT_EQ(keras(rescaled).notes.channel_order, ChannelOrder::rgb);
}

TEST(InputRule, SaysWhatIsMissing) {
  InputStatement range;
  range.pixel_range = 255;
  expect_line(refusal(Dialect::torchvision, range), "give --mean and --std too");
  EXPECT_EQ(keras(range).notes.pixel_range, 255);
  range.pixel_range = 1;
  expect_line(refusal(Dialect::keras, range), "give --mean and --std too");
  range.pixel_range = 7;
  expect_line(refusal(Dialect::keras, range), "1 or 255");
  InputStatement bytes;
  bytes.mean = {103.939f, 116.779f, 123.68f};
  expect_line(refusal(Dialect::torchvision, bytes), "--pixel-range 255");
  bytes.mean = {1, 2};
  expect_line(refusal(Dialect::torchvision, bytes), "--mean: give one number for each");
  expect_line(refusal(Dialect::torchvision, {}, true), "a.pth: the network reads grey images");
  InputStatement grey;
  grey.mean = {0.5f};
  expect_line(refusal(Dialect::torchvision, grey, true), "--mean M --std S");
  grey.std = {0.25f};
  expect_three(input_rule(Dialect::torchvision, grey, Preprocess{}, true, "a").rule.std,
               {0.25f, 0.25f, 0.25f});
}

/// The first convolution as a torch file and as a model has it.
struct FirstLayer {
  std::vector<float> file, model;
};

FirstLayer first_layer(int64_t channels, const InputStatement& said) {
  NamedTensors tensors = torch_alexnet();
  NamedTensor& first = named(tensors, "features.0.weight");
  first.dims = {4, channels, 11, 11};
  first.values.resize(static_cast<size_t>(count(first.dims)));
  const std::string path = temporary_path(".pth");
  write_pth(path, tensors);
  ConvertOptions options;
  options.input = said;
  const ModelData model = import_model(path, options);
  const auto span = layer_of(model, "conv1").weight.span();
  return {first.values, {span.begin(), span.end()}};
}

TEST(InputRule, ABgrNetworkReadsRgb) {
  InputStatement bgr;
  bgr.channel_order = ChannelOrder::bgr;
  const FirstLayer layer = first_layer(3, bgr);
  const FirstLayer same = first_layer(3, {});
  EXPECT_EQ(same.model, same.file);
  constexpr size_t area = 121;
  for (size_t out = 0; out < 4; ++out) {
    for (size_t c = 0; c < 3; ++c) {
      for (size_t at = 0; at < area; ++at) {
        ASSERT_EQ(layer.model[(out * 3 + c) * area + at],
                  layer.file[(out * 3 + 2 - c) * area + at]);
      }
    }
  }
}

TEST(InputRule, AGreyNetworkReadsLuminance) {
  InputStatement said;
  said.mean = {0.5f};
  said.std = {0.5f};
  const FirstLayer layer = first_layer(1, said);
  constexpr size_t area = 121;
  const std::array<float, 3> luminance{0.299f, 0.587f, 0.114f};
  for (size_t out = 0; out < 4; ++out) {
    for (size_t c = 0; c < 3; ++c) {
      for (size_t at = 0; at < area; ++at) {
        ASSERT_EQ(layer.model[(out * 3 + c) * area + at],
                  layer.file[out * area + at] * luminance[c]);
      }
    }
  }
}

TEST(BottleneckStrides, AreOfTheKernelThatIsNamed) {
  EXPECT_EQ(stride_in_1x1_of(0), std::nullopt);
  EXPECT_EQ(stride_in_1x1_of(1), true);
  EXPECT_EQ(stride_in_1x1_of(3), false);
  for (const int none : {-1, 2, 5}) EXPECT_THROW(stride_in_1x1_of(none), UserError) << none;
}

}  // namespace
}  // namespace hdecomp
