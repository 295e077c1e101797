/// Resize, crop and normalisation against PIL's and torchvision's results and against hand-worked
/// cases.
#include "runtime/image/preprocess.h"

#include "runtime/network/network_input.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

const std::string golden_folder = source_folder() + "/tests/goldens/";

/// The same formula as in tests/goldens/make_image_goldens.py.
Image pattern(int64_t height, int64_t width) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        image.rgb.push_back(
            static_cast<uint8_t>((y * 37 + x * 59 + c * 83 + y * x % 7 * 11) % 256));
      }
    }
  }
  return image;
}

/// A grey picture of one row.
Image grey_row(const std::vector<uint8_t>& values) {
  Image image{1, static_cast<int64_t>(values.size()), {}};
  for (const uint8_t v : values) image.rgb.insert(image.rgb.end(), 3, v);
  return image;
}

std::vector<uint8_t> red(const Image& image) {
  std::vector<uint8_t> values;
  for (size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

std::string error_of(const Image& image, const Preprocess& rule) {
  try {
    network_view(image, rule);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

const Preprocess shorter_side_256{};
const Preprocess square_128{Resize::stretch, 128, 112};

TEST(ResizeBilinear, IsBitEqualToPil) {
  const int64_t cases[][4] = {
      {40, 60, 20, 30}, {33, 47, 20, 30},   {7, 5, 20, 30},   {20, 90, 20, 30}, {90, 30, 20, 30},
      {1, 1, 4, 6},     {200, 301, 19, 31}, {20, 30, 21, 29}, {3, 200, 30, 20}, {127, 2, 13, 17}};
  for (const auto& [from_height, from_width, height, width] : cases) {
    const std::string name =
        joined("resize_", from_height, "x", from_width, "_to_", height, "x", width, ".ppm");
    const Image golden = Image::load(golden_folder + name);
    const Image resized = resize_bilinear(pattern(from_height, from_width), height, width);
    EXPECT_EQ(resized.height, golden.height) << name;
    EXPECT_EQ(resized.width, golden.width) << name;
    EXPECT_EQ(resized.rgb, golden.rgb) << name;
  }
}

/// FNV-1a, as the goldens' maker has it.
uint32_t hash_of(const Image& image) {
  uint32_t hash = 2166136261u;
  for (const uint8_t value : image.rgb) hash = (hash ^ value) * 16777619u;
  return hash;
}

TEST(Resized, BicubicAndNearestAreBitEqualToPil) {
  struct Case {
    int64_t from_height, from_width, height, width;
    uint32_t bicubic, nearest;  // from tests/goldens/make_image_goldens.py
  };
  const Case cases[] = {
      {40, 60, 20, 30, 0xf5159064, 0x744c4ced},   {33, 47, 20, 30, 0xc7f20f68, 0x6a44b369},
      {7, 5, 20, 30, 0xdaafb2a8, 0x214ef109},     {20, 90, 20, 30, 0x6aca3e6b, 0x020e2744},
      {90, 30, 20, 30, 0x9272ca36, 0xbc5d9b63},   {1, 1, 4, 6, 0x675d622d, 0x675d622d},
      {200, 301, 19, 31, 0xd9cca694, 0x08329dd2}, {20, 30, 21, 29, 0x485aed99, 0xa6560d57},
      {3, 200, 30, 20, 0x42d5ddd2, 0xf38e43b5},   {127, 2, 13, 17, 0xf0138f77, 0x01626135},
      {90, 131, 61, 89, 0x7f6e6a73, 0x70a57321},  {500, 375, 299, 224, 0x69cba601, 0x8029a92c},
      {37, 41, 411, 37, 0x114b6a0b, 0x3f5178df},
  };
  for (const Case& c : cases) {
    const Image image = pattern(c.from_height, c.from_width);
    const std::string name =
        joined(c.from_height, "x", c.from_width, " to ", c.height, "x", c.width);
    EXPECT_EQ(hash_of(resized(image, c.height, c.width, Interpolation::bicubic)), c.bicubic)
        << name;
    EXPECT_EQ(hash_of(resized(image, c.height, c.width, Interpolation::nearest)), c.nearest)
        << name;
  }
}

TEST(NetworkView, IsTheCropOfTheWholeForEveryInterpolation) {
  const Image image = pattern(90, 131);
  for (const Interpolation each : {Interpolation::bicubic, Interpolation::nearest}) {
    Preprocess rule{Resize::cover, 61, 40};
    rule.interpolation = each;
    const PixelSize extent = resized_extent(image, rule);
    const Image whole = resized(image, extent.height, extent.width, each);
    EXPECT_EQ(network_view(image, rule).rgb, centre_crop(whole, 40, 40).rgb);
  }
}

TEST(ResizeBilinear, HalvingWeighsFourPixels) {
  // Weights 1/8, 3/8, 3/8, 1/8; at the edges the outer pixel is missing and the rest is scaled
  // to 1.
  EXPECT_EQ(red(resize_bilinear(grey_row({0, 0, 80, 160, 0, 0}), 1, 3)),
            (std::vector<uint8_t>{11, 90, 23}));
}

TEST(ResizeBilinear, DoublingMixesQuarters) {
  EXPECT_EQ(red(resize_bilinear(grey_row({0, 100}), 1, 4)), (std::vector<uint8_t>{0, 25, 75, 100}));
}

TEST(ResizeBilinear, KeepsAnImageOfTheSameSize) {
  const Image image = pattern(13, 9);
  EXPECT_EQ(resize_bilinear(image, 13, 9).rgb, image.rgb);
}

TEST(ResizeBilinear, KeepsWhiteWhite) {
  const Image white{50, 70, std::vector<uint8_t>(50 * 70 * 3, 255)};
  for (const uint8_t value : resize_bilinear(white, 17, 23).rgb) ASSERT_EQ(value, 255);
}

TEST(ResizeBilinear, RefusesImpossibleSizes) {
  const Image image = pattern(4, 4);
  EXPECT_THROW(resize_bilinear(image, 0, 4), UserError);
  EXPECT_THROW(resize_bilinear(image, 4, -1), UserError);
  EXPECT_THROW(resize_bilinear(image, 60000, 60000), UserError);
  EXPECT_THROW(resize_bilinear(Image{}, 4, 4), UserError);
  EXPECT_THROW(resize_bilinear(Image{2, 2, std::vector<uint8_t>(11)}, 4, 4), UserError);
}

TEST(ResizedExtent, TruncatesTheLongerSide) {
  const auto extent = [](int64_t height, int64_t width) {
    const PixelSize e = resized_extent(pattern(height, width), shorter_side_256);
    return std::pair(e.height, e.width);
  };
  EXPECT_EQ(extent(300, 451), std::pair(int64_t{256}, int64_t{384}));  // 384.85
  EXPECT_EQ(extent(451, 300), std::pair(int64_t{384}, int64_t{256}));
  EXPECT_EQ(extent(256, 500), std::pair(int64_t{256}, int64_t{500}));
  EXPECT_EQ(extent(7, 7), std::pair(int64_t{256}, int64_t{256}));
}

TEST(ResizedExtent, ARectangleIsCovered) {
  const auto extent = [](int64_t height, int64_t width, const PixelSize& size) {
    return resized_extent(pattern(height, width), {Resize::cover, size, size});
  };
  EXPECT_EQ(extent(300, 451, {96, 160}), PixelSize(106, 160));  // 106.4
  EXPECT_EQ(extent(451, 300, {96, 160}), PixelSize(240, 160));  // 240.5
  EXPECT_EQ(extent(300, 600, {96, 160}), PixelSize(96, 192));
  EXPECT_EQ(extent(600, 300, {96, 160}), PixelSize(320, 160));
  EXPECT_EQ(extent(30, 50, {96, 160}), PixelSize(96, 160));  // of its shape
  EXPECT_EQ(extent(300, 451, {160, 96}), PixelSize(160, 240));
  for (int64_t height = 1; height < 40; ++height) {  // whatever is rounded
    for (int64_t width = 1; width < 40; ++width) {
      EXPECT_TRUE(PixelSize(7, 13).fits_in(extent(height, width, {7, 13})));
      EXPECT_TRUE(PixelSize(13, 7).fits_in(extent(height, width, {13, 7})));
    }
  }
}

TEST(ResizedExtent, SquareIgnoresTheShape) {
  const PixelSize extent = resized_extent(pattern(30, 400), square_128);
  EXPECT_EQ(extent.height, 128);
  EXPECT_EQ(extent.width, 128);
}

TEST(CentreCrop, RoundsHalfAPixelToEven) {
  // The rest of 3 leaves 1.5, rounded to 2; the rest of 1 leaves 0.5, rounded to 0.
  EXPECT_EQ(red(centre_crop(grey_row({0, 1, 2, 3, 4}), 1, 2)), (std::vector<uint8_t>{2, 3}));
  EXPECT_EQ(red(centre_crop(grey_row({0, 1, 2}), 1, 2)), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(red(centre_crop(grey_row({0, 1, 2, 3}), 1, 2)), (std::vector<uint8_t>{1, 2}));
  EXPECT_THROW(centre_crop(grey_row({0, 1, 2}), 1, 4), UserError);
  EXPECT_THROW(centre_crop(grey_row({0, 1, 2}), 2, 2), UserError);
}

TEST(NetworkView, IsResizeThenCrop) {
  for (const Preprocess& rule :
       {shorter_side_256, square_128, Preprocess{Resize::cover, {55, 91}, {48, 80}},
        Preprocess{Resize::stretch, {91, 20}, {80, 19}}}) {
    for (const Image& image : {pattern(300, 451), pattern(61, 40), pattern(256, 301)}) {
      const PixelSize extent = resized_extent(image, rule);
      const Image resized = resize_bilinear(image, extent.height, extent.width);
      EXPECT_EQ(network_view(image, rule).rgb,
                centre_crop(resized, rule.crop.height, rule.crop.width).rgb);
    }
  }
}

TEST(NetworkView, OfAJpegIsBitEqualToTorchvision) {
  for (const std::string photo : {"chelsea", "coffee"}) {
    const Image image = testing_models::bundled_photo(photo + ".jpg");
    for (const Preprocess& rule : {shorter_side_256, square_128}) {
      const bool square = rule.resize == Resize::stretch;
      const Image golden = Image::load(golden_folder + "view_" + photo +
                                       (square ? "_square" : "_shorter_side") + ".png");
      const Image view = network_view(image, rule);
      const int64_t step = view.width / golden.width;  // the golden has every step-th pixel
      Image pixels{golden.height, golden.width, {}};
      for (int64_t i = 0; i < golden.height * golden.width * 3; ++i) {
        const int64_t y = i / 3 / golden.width * step, x = i / 3 % golden.width * step;
        pixels.rgb.push_back(view.rgb[static_cast<size_t>((y * view.width + x) * 3 + i % 3)]);
      }
      EXPECT_EQ(pixels.rgb, golden.rgb) << photo;
    }
  }
}

TEST(NetworkView, CostsLittleForAThinPicture) {
  // The whole resized picture would have 256 x 16,776,960 pixels.
  const Image view =
      network_view(Image{1, 65535, std::vector<uint8_t>(65535 * 3, 9)}, shorter_side_256);
  EXPECT_EQ(view.rgb, std::vector<uint8_t>(224 * 224 * 3, 9));
}

TEST(NetworkView, RefusesBadRules) {
  const Image image = pattern(20, 30);
  EXPECT_NE(error_of(image, {Resize::stretch, 128, 224})
                .find("crop 224 is larger than the resized image"),
            std::string::npos);
  EXPECT_NE(error_of(image, {Resize::cover, 0, 1}).find("resize to 0 x 0 pixels"),
            std::string::npos);
  EXPECT_NE(error_of(image, {Resize::stretch, 1 << 20, 224}).find("resize to"), std::string::npos);
  EXPECT_NE(error_of(image, {Resize::stretch, 128, 0}).find("at least 1"), std::string::npos);
  EXPECT_NE(error_of({3, 3, {1, 2}}, {}).find("3 x 3 pixels with 2 bytes"), std::string::npos);
}

TEST(Normalise, GivesPlanesOfScaledValues) {
  const Preprocess rule{Resize::stretch, 2, 2};
  const Context context;
  NetworkInput input(context, rule);
  const Image photo{2, 2, {0, 128, 255, 10, 20, 30, 1, 2, 3, 4, 5, 6}};
  const Tensor tensor = input.of({&photo, 1});
  ASSERT_EQ(tensor.shape(), (Shape{1, 3, 2, 2}));
  const uint8_t planes[] = {0, 10, 1, 4, 128, 20, 2, 5, 255, 30, 3, 6};
  for (size_t i = 0; i < 12; ++i) {
    const size_t c = i / 4;
    const float value = static_cast<float>(planes[i]) / 255.0f;
    EXPECT_EQ(tensor.span()[i], (value - rule.mean[c]) / rule.std[c]) << i;
  }
  EXPECT_NEAR(tensor.span()[0], -2.117904f, 1e-6f);
  EXPECT_NEAR(tensor.span()[8], 2.64f, 1e-6f);
}

}  // namespace
}  // namespace hdecomp
