/// Images of a network's own pixels: what is seen and drawn of them, and what is refused; attacks
/// on networks of one output.
#include "hdecomp/attack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "hdecomp/explainer.h"
#include "runtime/image/preprocess.h"
#include "runtime/report/heat_map.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"

namespace hdecomp {
namespace {

constexpr int64_t side = 12;
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

std::vector<float> some_planes(int64_t of_side) {
  std::vector<float> planes(static_cast<size_t>(3 * of_side * of_side));
  for (size_t i = 0; i < planes.size(); ++i) planes[i] = static_cast<float>(i * 37 % 256) / 255;
  return planes;
}

TEST(ImageOfPlanes, IsSeenAndDrawnAsItIs) {
  for (const Preprocess& rule :
       {Preprocess{Resize::cover, 14, side}, Preprocess{Resize::stretch, 20, side},
        Preprocess{Resize::stretch, side, side}}) {
    const Image image = image_of_planes(some_planes(side), side);
    EXPECT_EQ(crop_of_photo(image, rule, side).rgb, image.rgb);
    EXPECT_EQ(network_view(image, rule).rgb, image.rgb);
  }
}

TEST(ImageOfPlanes, RefusesWhatIsNoPixels) {
  EXPECT_THROW(image_of_planes(some_planes(side), side + 1), UserError);
  EXPECT_THROW(image_of_planes(some_planes(side), 0), UserError);
  EXPECT_THROW(image_of_planes({}, 0), UserError);
  EXPECT_THROW(image_of_planes(some_planes(side), int64_t{1} << 40), UserError);
  for (const float value : {-0.01f, 1.01f, not_a_number, INFINITY}) {
    std::vector<float> planes = some_planes(side);
    planes[5] = value;
    EXPECT_THROW(image_of_planes(planes, side), UserError) << value;
  }
}

TEST(ImageOfPlanes, OfAnotherSizeOrNoNumberIsRefusedByTheNetwork) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  EXPECT_THROW(explainer.explain(image_of_planes(some_planes(side), side)), UserError);
  Image image = image_of_planes(some_planes(112), 112);
  image.planes[7] = not_a_number;
  EXPECT_THROW(explainer.explain(image), UserError);
  image.planes.pop_back();
  EXPECT_THROW(explainer.explain(image), UserError);
}

TEST(PngOf16Bits, RefusesWhatIsNoPixels) {
  const std::string path = file_testing::temporary_path(".png");
  std::vector<float> planes = some_planes(side);
  EXPECT_THROW(save_png_of_16_bits(planes, side, side + 1, path), UserError);
  const std::string line =
      file_testing::error_line([&] { save_png_of_16_bits({}, 16384, 16384, path); });
  file_testing::expect_line(line, "at most");
  planes[9] = not_a_number;
  EXPECT_THROW(save_png_of_16_bits(planes, side, side, path), UserError);
  EXPECT_FALSE(std::filesystem::exists(path));
}

/// Of a network of one output the cross entropy is -log of what it calls the probability.
TEST(AttackOfOneOutput, TellsTheCrossEntropyOfItsProbability) {
  NetParams params = testing_models::slim_model("resnet18", 64).params;
  params.classes = 1;
  const std::string path = file_testing::temporary_path(".h5");
  write_model(initialise_model(params, 3), path);
  Explainer explainer(Model::load(path), {"cpu"});
  const Image image = image_of_planes(some_planes(64), 64);
  AttackOptions options;
  options.steps = 1;
  const Attacked one = explainer.attack_batch({&image, 1}, options).front();
  EXPECT_NEAR(one.loss_before, -std::log(double{one.before.probability}), 1e-5);
  EXPECT_NEAR(one.loss, -std::log(double{one.after.probability}), 1e-5);
  EXPECT_GT(one.loss, one.loss_before);
}

/// Where the class is sure but for rounding, softmax - 1 is 0 in float32, and its signs with it.
TEST(Attack, MovesASureDecision) {
  NetParams params = testing_models::slim_model("resnet18", 64).params;
  ModelData data = initialise_model(params, 3);
  const std::string path = file_testing::temporary_path(".h5");
  write_model(data, path);
  const Image image = image_of_planes(some_planes(64), 64);
  const auto top = Explainer(Model::load(path), {"cpu"}).explain(image).top;
  ASSERT_GT(top.size(), 1u);
  LayerWeights& last = data.layers.back();
  for (Tensor* tensor : {&last.weight, &last.bias}) {  // e^-20 is left for the other classes
    for (float& value : tensor->span()) value *= 20 / (top[0].score - top[1].score);
  }
  write_model(data, path);
  Explainer explainer(Model::load(path), {"cpu"});
  AttackOptions options;
  options.steps = 1;
  options.random_start = false;
  const Attacked one = explainer.attack_batch({&image, 1}, options).front();
  EXPECT_EQ(one.before.probability, 1.0f);
  EXPECT_LT(one.loss_before, 6e-8);
  size_t moved = 0;
  for (size_t i = 0; i < image.planes.size(); ++i) {
    moved += one.image.planes[i] != image.planes[i] ? 1 : 0;
  }
  EXPECT_GT(moved, image.planes.size() / 2);
  EXPECT_GT(one.loss, one.loss_before);
}

TEST(ModelVersus, OfADifferenceIsRefused) {
  const Model model = Model::bundled("vgg16-slim").versus("index:1", "index:2");
  EXPECT_THROW(model.versus("index:0", "index:1"), UserError);
}

}  // namespace
}  // namespace hdecomp
