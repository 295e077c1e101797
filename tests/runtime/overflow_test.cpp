/// Networks whose features overflow, through everything that runs one, on every device: an error
/// that names the layer, never a plausible answer.
#include "runtime/network/overflow_bounds.h"

#include <cfloat>
#include <cmath>

#include "hdecomp/channel_means.h"
#include "hdecomp/experiment.h"
#include "hdecomp/explainer.h"
#include "tests/support/device_net.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

using Change = std::function<float(size_t, float)>;  // of a weight by its place

/// A slim VGG-11 that takes a black image as zeros and gives it positive scores.
class Overflow : public op_testing::OnDevice {
 protected:
  Overflow() : net_(slim_model("vgg11", 64)) {
    net_.preprocess.mean = {0, 0, 0};
    for (float& bias : bias_of("fc8")) bias = 1;
  }
  static std::span<float> writable(const Tensor& tensor) {
    return {const_cast<float*>(tensor.data()), static_cast<size_t>(tensor.elements())};
  }
  std::span<float> bias_of(const std::string& layer) {
    return writable(layer_of(net_, layer).bias);
  }
  void change(const std::string& layer, const Change& to) {
    const auto weights = writable(layer_of(net_, layer).weight);
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = to(i, weights[i]);
  }
  /// Infinite features in conv1_1, inf - inf above.
  void overflow() {
    change("conv1_1", [](size_t, float) { return 1e38f; });
    change("conv2_1", [](size_t i, float) { return i % 2 == 0 ? 1e10f : -1e10f; });
  }

  Model model() const {
    const std::string file = file_testing::temporary_path(".h5");
    write_model(net_, file);
    return Model::load(file);
  }
  EngineOptions engine(const std::string& precision = "float32") const {
    return {to_string(GetParam()), 2, 2, precision};
  }
  Explainer explainer(const std::string& precision = "float32") const {
    return Explainer(model(), engine(precision));
  }
  static Image image(bool black) {
    Image image{64, 64, std::vector<uint8_t>(64 * 64 * 3, 0)};
    for (size_t i = 0; !black && i < image.rgb.size(); ++i) image.rgb[i] = 1 + i * 7919 % 250;
    return image;
  }
  static const char* message() {
    return ": a feature is not finite; the model's weights overflow on this image";
  }
  static void expect_refused(const std::function<void()>& call, const std::string& layer) {
    try {
      call();
      FAIL() << "no error";
    } catch (const ImageError& fault) {
      EXPECT_EQ(fault.what(), "layer " + layer + message());
    }
  }

  const ExplainOptions one_stage{.target = {}, .top = 3, .depth = 1};
  ModelData net_;
};
INSTANTIATE_TEST_SUITE_P(Devices, Overflow, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(Overflow, IsAnErrorOfEverythingThatRunsTheNetwork) {
  overflow();
  Explainer explainer = this->explainer();
  const Image photo = image(false);
  expect_refused([&] { explainer.classify(photo, 3); }, "conv1_1");
  expect_refused([&] { explainer.explain(photo, one_stage); }, "conv1_1");
  expect_refused([&] { explainer.decompose(photo, "class:1", "conv5_2", 2, false, false); },
                 "conv1_1");
  expect_refused([&] { explainer.ablate(photo, "class:1", "conv5_2", {}); }, "conv1_1");
}

TEST_P(Overflow, StaysWithItsImage) {
  overflow();
  const std::vector<Image> photos{image(false), image(true)};
  const std::string expected = std::string("layer conv1_1") + message();
  Explainer explainer = this->explainer();
  std::vector<Explained> explained = explainer.explain_batch(photos, one_stage);
  EXPECT_EQ(explained[0].error, expected);
  EXPECT_EQ(explained[1].error, "");
  ASSERT_TRUE(explained[1].tree);
  EXPECT_EQ(explained[1].tree->decision.score, 1);
  explainer.begin_batch(photos, one_stage);  // two on their way at once
  explainer.begin_batch(std::span(photos).subspan(1), one_stage);
  explained = explainer.finish_batch();
  EXPECT_EQ(explained[0].error, expected);
  EXPECT_EQ(explained[1].error, "");
  EXPECT_EQ(explainer.finish_batch()[0].error, "");

  Experiment experiment(model(), engine(), {});
  const std::vector<ResultRow> rows = experiment.measure(photos, std::vector<int32_t>{-1, -1});
  EXPECT_EQ(rows[0].state, ImageState::undecided);
  EXPECT_EQ(rows[0].error, expected);
  EXPECT_EQ(rows[1].state, ImageState::measured);

  ChannelSums sums(model(), engine());
  EXPECT_EQ(sums.add(photos), (std::vector<std::string>{expected, ""}));
  EXPECT_EQ(sums.images(), 1);
}

TEST_P(Overflow, BelowZeroIsFoundToo) {  // the ReLU makes a harmless 0 of it
  change("conv2_1", [](size_t, float) { return -3e38f; });
  bias_of("conv1_1")[0] = 1;
  Explainer explainer = this->explainer();
  expect_refused([&] { explainer.classify(image(false), 1); }, "conv2_1");
}

TEST_P(Overflow, InTheLastLayersIsFound) {
  change("fc7", [](size_t, float w) { return w * 1e30f; });
  change("fc8", [](size_t, float w) { return w * 1e20f; });
  Explainer explainer = this->explainer();
  expect_refused([&] { explainer.classify(image(false), 1); }, "scores");
  EXPECT_EQ(explainer.classify(image(true), 1).front().score, 1);
}

TEST_P(Overflow, NearTheEndOfTheNumbersIsNone) {
  const Image photo = image(false);
  const ClassScore plain = explainer().classify(photo, 1).front();
  change("conv1_1", [](size_t, float w) { return w * 0x1p116f; });
  change("conv2_1", [](size_t, float w) { return w * 0x1p-116f; });
  const ClassScore scaled = explainer().classify(photo, 1).front();
  EXPECT_EQ(scaled.index, plain.index);
  EXPECT_NEAR(scaled.score, plain.score, 1e-4 * std::abs(plain.score));
}

TEST_P(Overflow, OfAModelsOwnScaleIsFoundInItsInput) {
  net_.preprocess.std = {1e-45f, 1, 1};
  Explainer explainer = this->explainer();
  expect_refused([&] { explainer.classify(image(false), 1); }, net_.graph.nodes[0].name);
}

TEST_P(Overflow, OfFp16IsTheLayersThatIsTooLargeForIt) {
  if (GetParam().kind == DeviceKind::cpu) GTEST_SKIP() << "the CPU has no fp16";
  change("conv1_1", [](size_t, float w) { return w * 0x1p15f; });
  change("conv2_1", [](size_t, float w) { return w * 0x1p-15f; });
  const Image photo = image(false);
  EXPECT_NO_THROW(explainer().classify(photo, 1));
  EXPECT_NO_THROW(explainer("bf16").classify(photo, 1));
  EXPECT_NO_THROW(explainer("fp16").classify(image(true), 1));
  try {
    explainer("fp16").classify(photo, 1);
    FAIL() << "no error";
  } catch (const ImageError& fault) {
    const std::string line = fault.what();
    EXPECT_TRUE(line.starts_with("layer conv1_1: a feature is ") ||
                line.starts_with("layer pool1: a feature is "))
        << line;
    EXPECT_TRUE(
        line.ends_with("beyond fp16's largest number, 65504; give --precision bf16, tf32 "
                       "or float32"))
        << line;
  }
  change("conv3_1", [](size_t, float w) { return w + 1e5f; });
  EXPECT_NO_THROW(explainer());
  try {
    explainer("fp16");
    FAIL() << "no error";
  } catch (const UserError& fault) {
    EXPECT_TRUE(std::string(fault.what()).starts_with("layer conv3_1: a weight's magnitude is "))
        << fault.what();
  }
}

/// Of the bounds alone.
std::vector<int> watched(const ModelData& model, double input) {
  const Context context({}, 2);
  return OverflowBounds(context, model, input).watched();
}

TEST(OverflowBounds, LeaveOrdinaryNetworksAlone) {
  for (const char* arch : {"vgg11", "alexnet"}) {
    const ModelData model = slim_model(arch, 96);
    EXPECT_EQ(watched(model, largest_input(model.preprocess)), std::vector<int>{}) << arch;
  }
  EXPECT_NEAR(largest_input(Preprocess{}), (1 - 0.406) / 0.225, 1e-6);
}

TEST(OverflowBounds, WatchAFewLayersOfDeepOnes) {
  const ModelData model = slim_model("resnet152", 64);
  const std::vector<int> nodes = watched(model, 3);
  EXPECT_FALSE(nodes.empty());
  EXPECT_LT(std::ssize(nodes), 40);
}

TEST(OverflowBounds, HoldForWhatEveryImageGives) {
  const Context context({}, 2);
  const auto model = std::make_shared<const ModelData>(slim_model("resnet50", 64));
  const OverflowBounds bounds(context, *model, 1);
  ASSERT_FALSE(bounds.watched().empty());
  DeviceNet net(model, {.device = {}, .batch = 2});
  net.executor.watch(bounds.watched());
  net.forward(noise_image(64));
  const size_t count = bounds.watched().size();
  const std::span<const float> magnitudes = net.executor.magnitudes().span().first(count);
  for (size_t k = 0; k < count; ++k) {
    const auto all = net.feature(bounds.watched()[k]);
    float largest = 0;
    for (const float value : all.span().first(all.elements() / 2)) {
      largest = std::max(largest, std::fabs(value));
    }
    EXPECT_EQ(magnitudes[k], largest) << bounds.watched()[k];
  }
  EXPECT_TRUE(bounds.holds(magnitudes));
  std::vector<float> wrong(magnitudes.begin(), magnitudes.end());
  for (const float value : {FLT_MAX, INFINITY, std::nanf("")}) {
    wrong.front() = value;
    EXPECT_FALSE(bounds.holds(wrong)) << value;
  }
}

}  // namespace
}  // namespace hdecomp
