/// The colour map, the drawing of an activation map, and the crop drawn under it.
#include "runtime/report/heat_map.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "hdecomp/error.h"
#include "runtime/image/preprocess.h"
#include "runtime/report/color_map.h"

namespace hdecomp {
namespace {

using Colour = std::array<uint8_t, 3>;

Image plain(int64_t side, uint8_t value) {
  return {side, side, std::vector<uint8_t>(static_cast<size_t>(side * side * 3), value)};
}

Colour pixel(const Image& image, int64_t y, int64_t x) {
  const uint8_t* at = image.rgb.data() + (y * image.width + x) * 3;
  return {at[0], at[1], at[2]};
}

/// A slope in both directions, smooth enough to survive any resampling.
Image slope(int64_t height, int64_t width) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<uint8_t>(255 * x / width));
      image.rgb.push_back(static_cast<uint8_t>(255 * y / height));
      image.rgb.push_back(128);
    }
  }
  return image;
}

TEST(Jet, GoesFromBlueToRed) {
  EXPECT_EQ(jet(0.0f), (Colour{0, 0, 128}));
  EXPECT_EQ(jet(0.25f), (Colour{0, 128, 255}));
  EXPECT_EQ(jet(0.5f), (Colour{128, 255, 128}));
  EXPECT_EQ(jet(0.75f), (Colour{255, 128, 0}));
  EXPECT_EQ(jet(1.0f), (Colour{128, 0, 0}));
  EXPECT_EQ(jet(-3.0f), jet(0.0f));
  EXPECT_EQ(jet(3.0f), jet(1.0f));
}

TEST(Overlay, HasTheAskedSide) {
  const Image image = overlay(plain(112, 90), std::vector<float>(12, 1.0f), 3, 4, 0, 0, 300);
  EXPECT_EQ(image.height, 300);
  EXPECT_EQ(image.width, 300);
  EXPECT_EQ(image.rgb.size(), 300u * 300u * 3u);
}

TEST(Overlay, ColoursTheHighCellsMost) {
  std::vector<float> map(16, 0.0f);
  map[5] = 8.0f;  // row 1, column 1: the centre is at 30 of 80 pixels
  const Image image = overlay(plain(80, 100), map, 4, 4, 3, 3, 80);
  const Colour high = pixel(image, 30, 30), low = pixel(image, 5, 75);
  // Nearly value 1: 0.7 of jet's dark red over grey. Value 0: a quarter of dark blue.
  EXPECT_GT(high[0], high[2] + 60);
  EXPECT_EQ(low, (Colour{75, 75, 107}));
}

TEST(Overlay, DividesByTheLargestValue) {
  const std::vector<float> map{0.5f, 1.0f, 0.25f, 0.0f};
  std::vector<float> larger;
  for (const float v : map) larger.push_back(v * 1024.0f);
  const Image view = slope(40, 40);
  EXPECT_EQ(overlay(view, map, 2, 2, 0, 1, 64).rgb, overlay(view, larger, 2, 2, 0, 1, 64).rgb);
}

TEST(Overlay, TakesNegativeAndMissingValuesForZero) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Image view = slope(40, 40);
  EXPECT_EQ(overlay(view, std::vector<float>{1.0f, -5.0f, nan, 0.0f}, 2, 2, 0, 0, 64).rgb,
            overlay(view, std::vector<float>{1.0f, 0.0f, 0.0f, 0.0f}, 2, 2, 0, 0, 64).rgb);
}

TEST(Overlay, SurvivesInfiniteAndTinyValues) {
  const Image view = plain(20, 100);
  const float huge = std::numeric_limits<float>::infinity();
  const float tiny = std::numeric_limits<float>::denorm_min();
  const Image one = overlay(view, std::vector<float>{1.0f, 0.0f}, 1, 2, 0, 0, 40);
  EXPECT_EQ(overlay(view, std::vector<float>{huge, 3.0f}, 1, 2, 0, 0, 40).rgb, one.rgb);
  EXPECT_EQ(overlay(view, std::vector<float>{tiny, 0.0f}, 1, 2, 0, 0, 40).rgb, one.rgb);
}

TEST(Overlay, DrawsNoColourForAnEmptyMap) {
  const Image image =
      overlay(plain(60, 77), std::vector<float>{0.0f, -1.0f, 0.0f, 0.0f}, 2, 2, 0, 0, 60);
  EXPECT_EQ(pixel(image, 40, 40), (Colour{77, 77, 77}));
}

TEST(Overlay, MarksThePeak) {
  const Image image = overlay(plain(120, 77), std::vector<float>(9, 0.0f), 3, 3, 1, 2, 240);
  // The centre of cell (1, 2) is at y = 120, x = 200; the ring's radius is 240 / 60 = 4.
  EXPECT_EQ(pixel(image, 120, 200), (Colour{0, 0, 0}));
  EXPECT_EQ(pixel(image, 120, 203), (Colour{255, 255, 255}));
  EXPECT_EQ(pixel(image, 116, 200), (Colour{255, 255, 255}));
  EXPECT_EQ(pixel(image, 120, 206), (Colour{77, 77, 77}));
}

TEST(Overlay, OfARectangleHasBothAxesInTheirPlaces) {
  const Image view{60, 100, std::vector<uint8_t>(60 * 100 * 3, 77)};
  std::vector<float> map(2 * 5, 0.0f);
  map[1 * 5 + 3] = 1.0f;  // row 1 of 2, column 3 of 5
  const Image image = overlay(view, map, 2, 5, 1, 3, {120, 200});
  ASSERT_EQ(image.height, 120);
  ASSERT_EQ(image.width, 200);
  EXPECT_EQ(pixel(image, 90, 140), (Colour{0, 0, 0}));     // the peak, at the cell's centre
  EXPECT_EQ(pixel(image, 90, 10), pixel(image, 20, 140));  // nothing there, either way
  EXPECT_EQ(pixel(image, 110, 140)[2], pixel(image, 119, 140)[2]);
  EXPECT_GT(pixel(image, 90, 150)[0], pixel(image, 90, 190)[0]);
}

TEST(DrawnSize, HasTheInputsShape) {
  const auto size = [](const PixelSize& crop, int64_t side) {
    return drawn_size({Resize::stretch, crop, crop}, side);
  };
  EXPECT_EQ(size(224, 100), PixelSize(100, 100));
  EXPECT_EQ(size({96, 160}, 200), PixelSize(120, 200));
  EXPECT_EQ(size({160, 96}, 200), PixelSize(200, 120));
  EXPECT_EQ(size({1, 4096}, 10), PixelSize(1, 10));
}

TEST(CropOfPhoto, OfARectangleHasItsShape) {
  const Preprocess rule{Resize::cover, {110, 183}, {96, 160}};
  const Image drawn = crop_of_photo(slope(700, 400), rule, 300);
  EXPECT_EQ(drawn.height, 180);
  EXPECT_EQ(drawn.width, 300);
}

TEST(Overlay, RefusesAMapOfAnotherSize) {
  const Image view = plain(8, 1);
  const std::vector<float> map(6, 1.0f);
  EXPECT_THROW(overlay(view, map, 2, 4, 0, 0, 16), Error);
  EXPECT_THROW(overlay(view, map, 2, 3, 2, 0, 16), Error);
  EXPECT_THROW(overlay(view, map, 2, 3, 0, -1, 16), Error);
  EXPECT_THROW(overlay(view, map, 2, 3, 0, 0, 0), Error);
  EXPECT_THROW(overlay(view, {}, 0, 0, 0, 0, 16), Error);
}

TEST(CropOfPhoto, ShowsTheRegionOfTheNetworkView) {
  for (const Preprocess& rule : {Preprocess{}, Preprocess{Resize::stretch, 128, 112},
                                 Preprocess{Resize::cover, {110, 183}, {96, 160}},
                                 Preprocess{Resize::stretch, {300, 64}, {280, 40}}}) {
    const int64_t side = std::max(rule.crop.height, rule.crop.width);
    for (const Image& photo : {slope(600, 900), slope(700, 400)}) {
      const Image view = network_view(photo, rule), crop = crop_of_photo(photo, rule, side);
      ASSERT_EQ(crop.rgb.size(), view.rgb.size());
      for (size_t i = 0; i < crop.rgb.size(); ++i) ASSERT_NEAR(crop.rgb[i], view.rgb[i], 1) << i;
      const Image large = crop_of_photo(photo, rule, 3 * side);
      const Image small = resize_bilinear(large, rule.crop.height, rule.crop.width);
      for (size_t i = 0; i < small.rgb.size(); ++i) ASSERT_NEAR(small.rgb[i], view.rgb[i], 2) << i;
    }
  }
}

TEST(CropOfPhoto, KeepsWhatTheResizeBlurs) {
  // Stripes one pixel wide: grey after the resize to 256, still black and white in the crop at full
  // size.
  Image stripes{1024, 1024, {}};
  for (int64_t i = 0; i < 1024 * 1024; ++i)
    stripes.rgb.insert(stripes.rgb.end(), 3, i % 2 != 0 ? 255 : 0);
  const Image view = network_view(stripes, Preprocess{});
  const Image crop = crop_of_photo(stripes, Preprocess{}, 896);
  EXPECT_NEAR(pixel(view, 112, 112)[0], 128, 2);
  EXPECT_EQ(std::abs(pixel(crop, 448, 448)[0] - pixel(crop, 448, 449)[0]), 255);
}

TEST(CropOfPhoto, RefusesACropThatIsTooLarge) {
  EXPECT_THROW(crop_of_photo(slope(30, 30), {Resize::stretch, 100, 101}, 50), UserError);
  EXPECT_THROW(crop_of_photo(slope(30, 30), Preprocess{}, 0), UserError);
}

/// Away from the mark, whose size is the picture's.
TEST(HeatMap, APartIsThatPartOfTheWhole) {
  const Image view = plain(80, 77);
  std::vector<float> map(48);
  for (size_t i = 0; i < map.size(); ++i) map[i] = static_cast<float>((i * 7) % 11);
  const ViewPart part{{0.25, 0.5}, {0.5, 0.25}};
  const Image whole = overlay(view, map, 6, 8, 0, 0, {160, 160});
  const Image shown = overlay(plain(80, 77), map, 6, 8, 0, 0, {80, 40}, part);
  int64_t compared = 0;
  for (int64_t y = 0; y < 80; ++y) {
    for (int64_t x = 0; x < 40; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        const int there = whole.rgb[((y + 40) * 160 + x + 80) * 3 + c];
        EXPECT_NEAR(int{shown.rgb[(y * 40 + x) * 3 + c]}, there, 1) << y << " " << x;
        compared += there != 77 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(compared, 9000);
}

}  // namespace
}  // namespace hdecomp
