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
       {Preprocess{Resize::shorter_side, 14, side}, Preprocess{Resize::square, 20, side},
        Preprocess{Resize::square, side, side}}) {
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

TEST(Versus, OfADifferenceIsRefused) {
  const Model model = Model::bundled("vgg16-slim").versus("index:1", "index:2");
  EXPECT_THROW(model.versus("index:0", "index:1"), UserError);
}

}  // namespace
}  // namespace hdecomp
