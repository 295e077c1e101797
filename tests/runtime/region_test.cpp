/// Regions of photographs: where the network's input lies in them, what they are filled with.
#include "hdecomp/region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {
namespace {

Image noise(int64_t width, int64_t height) {
  Image image{height, width, std::vector<uint8_t>(width * height * 3)};
  uint32_t seed = 5;
  for (uint8_t& value : image.rgb) value = static_cast<uint8_t>((seed = seed * 1664525u + 1) >> 24);
  return image;
}

Preprocess rule_of(Resize resize, const PixelSize& size, const PixelSize& crop) {
  Preprocess rule;
  rule.resize = resize;
  rule.size = size;
  rule.crop = crop;
  return rule;
}

TEST(Region, OfTheInputLiesWhereCropAndResizeTookItFrom) {
  // 400 x 200 to 200 x 100: the middle 80 of each side, every pixel two of the photograph's.
  const Image photo = noise(400, 200);
  const Preprocess rule = rule_of(Resize::cover, 100, 80);
  EXPECT_EQ(seen_of(photo, rule), (PhotoBox{120, 20, 160, 160}));
  EXPECT_EQ(box_of_input(photo, rule, 1, 2, 3, 4), (PhotoBox{124, 22, 8, 6}));
  // 30 x 50 to 20 x 20: 1.5 and 2.5 pixels each, outward.
  const Image small = noise(30, 50);
  const Preprocess square = rule_of(Resize::stretch, 20, 20);
  EXPECT_EQ(seen_of(small, square), (PhotoBox{0, 0, 30, 50}));
  EXPECT_EQ(box_of_input(small, square, 1, 1, 1, 1), (PhotoBox{1, 2, 2, 3}));
}

/// Inputs that are higher than wide: rows and columns each by their own numbers.
TEST(Region, OfAnInputThatIsNoSquare) {
  // 400 x 200 to 200 x 100, of which 50 columns from 75 on and 80 rows from 10 on are seen.
  const Image photo = noise(400, 200);
  const Preprocess rule = rule_of(Resize::cover, {100, 60}, {80, 50});
  EXPECT_EQ(seen_of(photo, rule), (PhotoBox{150, 20, 100, 160}));
  EXPECT_EQ(box_of_input(photo, rule, 1, 2, 3, 4), (PhotoBox{154, 22, 8, 6}));
  // A 4 x 2 map over it: cells of 50 x 40.
  const std::vector<uint8_t> cells{0, 1, 0, 0, 1, 0, 0, 0};
  const PhotoRegion region = region_of_cells(photo, rule, cells, 4, 2);
  EXPECT_EQ(region.box, (PhotoBox{150, 20, 100, 120}));
  EXPECT_EQ(region.pixels(), 2 * 50 * 40);
  EXPECT_TRUE(region.holds(200, 20) && region.holds(249, 59));
  EXPECT_TRUE(region.holds(150, 100) && region.holds(199, 139));
  EXPECT_FALSE(region.holds(199, 59) || region.holds(200, 60) || region.holds(200, 100));
  // 30 x 50 to 10 x 20: 3 and 2.5 pixels each; the middle 8 x 10 from 3 and 12.5 on.
  const Image small = noise(30, 50);
  EXPECT_EQ(box_of_input(small, rule_of(Resize::stretch, {20, 10}, {20, 10}), 1, 1, 1, 1),
            (PhotoBox{3, 2, 3, 3}));
  EXPECT_EQ(seen_of(small, rule_of(Resize::stretch, {20, 10}, {10, 8})), (PhotoBox{3, 12, 24, 26}));
}

/// What is not in seen_of the network does not see, each pixel at its rim it does.
TEST(Region, SeenIsWhatChangesTheInput) {
  for (const auto& [width, height] : {std::pair(90, 61), std::pair(50, 133)}) {
    const Image photo = noise(width, height);
    for (const Resize resize : {Resize::cover, Resize::stretch}) {
      Preprocess rule = rule_of(resize, 60, 41);
      rule.interpolation = Interpolation::nearest;
      const PhotoBox seen = seen_of(photo, rule);
      const std::vector<uint8_t> view = network_view(photo, rule).rgb;
      Image outside = photo;
      for (int64_t i = 0; i < width * height; ++i) {
        if (!PhotoRegion{seen, {}}.holds(i % width, i / width)) outside.rgb[3 * i] ^= 255;
      }
      EXPECT_EQ(network_view(outside, rule).rgb, view);
      const PixelFiller filler(photo, RegionFill::grey);
      EXPECT_NE(network_view(filler.filled({seen, {}}), rule).rgb, view);
    }
  }
}

TEST(Region, OfCellsHasThePixelsWhoseCentresLieInThem) {
  const Image photo = noise(400, 200);
  const Preprocess rule = rule_of(Resize::cover, 100, 80);
  // A 4 x 2 map over 160 x 160 pixels from (120, 20) on: cells of 80 x 40.
  const std::vector<uint8_t> cells{0, 1, 0, 0, 1, 0, 0, 0};
  const PhotoRegion region = region_of_cells(photo, rule, cells, 4, 2);
  EXPECT_EQ(region.box, (PhotoBox{120, 20, 160, 120}));
  EXPECT_EQ(region.pixels(), 2 * 80 * 40);
  for (int64_t y = 0; y < 200; ++y) {
    for (int64_t x = 0; x < 400; ++x) {
      const bool first = x >= 200 && x < 280 && y >= 20 && y < 60;
      const bool second = x >= 120 && x < 200 && y >= 100 && y < 140;
      ASSERT_EQ(region.holds(x, y), first || second) << x << " " << y;
    }
  }
  EXPECT_EQ(region_of_cells(photo, rule, std::vector<uint8_t>(8), 4, 2).pixels(), 0);
  const PhotoRegion part = part_inside(region, {0, 0, 210, 110});
  EXPECT_EQ(part.box, (PhotoBox{120, 20, 90, 90}));
  EXPECT_EQ(part.pixels(), 10 * 40 + 80 * 10);
  EXPECT_EQ(part_inside(region, {0, 0, 120, 200}).pixels(), 0);
  EXPECT_EQ(part_inside({{1, 2, 3, 4}, {}}, {2, 0, 9, 4}).box, (PhotoBox{2, 2, 2, 2}));
}

TEST(Region, OfAMaskIsTheSmallestBoxAroundItsMarks) {
  const Image photo = noise(5, 3);
  const std::vector<uint8_t> marks{0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0, 0, 1, 0, 0};
  const PhotoRegion region = region_of_mask(photo, marks, 3, 5);
  EXPECT_EQ(region.box, (PhotoBox{2, 1, 3, 2}));
  EXPECT_EQ(region.mask, (std::vector<uint8_t>{1, 0, 1, 1, 0, 0}));
  EXPECT_EQ(region.pixels(), 3);
  EXPECT_THROW(region_of_mask(photo, marks, 5, 3), UserError);
  EXPECT_THROW(region_of_mask(photo, std::vector<uint8_t>(15), 3, 5), UserError);
}

TEST(PixelFill, IsGreyOrTheMeanInsideAndNothingElsewhere) {
  const Image photo = noise(17, 11);
  double sums[3] = {};
  for (size_t i = 0; i < photo.rgb.size(); ++i) sums[i % 3] += photo.rgb[i];
  PhotoRegion region{{3, 2, 2, 2}, {1, 0, 1, 1}};
  for (const RegionFill fill : {RegionFill::grey, RegionFill::mean}) {
    const Image filled = PixelFiller(photo, fill).filled(region);
    for (int64_t y = 0; y < 11; ++y) {
      for (int64_t x = 0; x < 17; ++x) {
        for (int64_t c = 0; c < 3; ++c) {
          const size_t at = (y * 17 + x) * 3 + c;
          const double mean = std::floor(sums[c] / (17 * 11) + 0.5);
          const double colour = fill == RegionFill::grey ? 128 : mean;
          ASSERT_EQ(filled.rgb[at], region.holds(x, y) ? colour : photo.rgb[at]);
        }
      }
    }
  }
}

/// The definition: three times the rounded mean along rows, then columns.
TEST(PixelFill, BlurIsThreeMeansEachWay) {
  for (const auto& [width, height] : {std::pair(40, 65), std::pair(9, 3), std::pair(1, 1)}) {
    const Image photo = noise(width, height);
    const int radius = std::max(std::min(width, height) / 16, 1);
    std::vector<double> now(photo.rgb.begin(), photo.rgb.end());
    for (int pass = 0; pass < 6; ++pass) {
      const bool rows = pass % 2 == 0;
      std::vector<double> next(now.size());
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          for (int c = 0; c < 3; ++c) {
            double sum = 0;
            for (int k = -radius; k <= radius; ++k) {
              const int at_x = rows ? std::clamp(x + k, 0, width - 1) : x;
              const int at_y = rows ? y : std::clamp(y + k, 0, height - 1);
              sum += now[(at_y * width + at_x) * 3 + c];
            }
            next[(y * width + x) * 3 + c] = std::floor(sum / (2 * radius + 1) + 0.5);
          }
        }
      }
      now = next;
    }
    const Image filled = PixelFiller(photo, RegionFill::blur).filled({{0, 0, width, height}, {}});
    for (size_t i = 0; i < now.size(); ++i) ASSERT_EQ(filled.rgb[i], now[i]) << i;
  }
}

TEST(PixelFill, OfOwnPlanesTakesTheColour) {
  std::vector<float> planes(3 * 16);
  for (size_t i = 0; i < planes.size(); ++i) planes[i] = static_cast<float>(i) / 48;
  const Image image = image_of_planes(planes, 4);
  const Image filled = PixelFiller(image, RegionFill::grey).filled({{1, 2, 2, 1}, {}});
  for (size_t i = 0; i < planes.size(); ++i) {
    const size_t at = i % 16;
    EXPECT_EQ(filled.planes[i], at == 9 || at == 10 ? 128.0f / 255 : planes[i]);
  }
}

TEST(PixelFill, RefusesWhatIsNotInside) {
  const Image photo = noise(10, 8);
  const PixelFiller filler(photo, RegionFill::grey);
  const int64_t far = std::numeric_limits<int64_t>::max();
  for (const PhotoBox& box : {PhotoBox{0, 0, 0, 1}, PhotoBox{-1, 0, 2, 2}, PhotoBox{9, 0, 2, 2},
                              PhotoBox{0, 0, 11, 2}, PhotoBox{far, far, far, far}}) {
    EXPECT_THROW(filler.filled({box, {}}), UserError);
  }
}

TEST(RandomBoxes, LieInsideAtPlacesOfTheSeedAndThePhotograph) {
  const Image photo = noise(40, 30);
  const PhotoBox within{5, 3, 20, 20};
  const std::vector<PhotoBox> boxes = random_boxes(photo, within, 7, 19, 200, 1);
  std::vector<int> columns(14);
  for (const PhotoBox& box : boxes) {
    EXPECT_EQ(box.width, 7);
    EXPECT_EQ(box.height, 19);
    ASSERT_TRUE(box.x >= 5 && box.x <= 18 && box.y >= 3 && box.y <= 4);
    ++columns[box.x - 5];
  }
  for (const int count : columns) EXPECT_GT(count, 2);  // 14 on average
  EXPECT_EQ(random_boxes(photo, within, 7, 19, 200, 1), boxes);
  EXPECT_NE(random_boxes(photo, within, 7, 19, 200, 2), boxes);
  EXPECT_NE(random_boxes(noise(40, 31), within, 7, 19, 200, 1), boxes);
  const std::vector<PhotoBox> only = random_boxes(photo, within, 20, 20, 2, 1);
  EXPECT_EQ(only, (std::vector<PhotoBox>{within, within}));
}

}  // namespace
}  // namespace hdecomp
