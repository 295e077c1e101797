/// Saliency maps as pictures: which value gets which colour.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hdecomp/error.h"
#include "hdecomp/saliency.h"

namespace hdecomp {
namespace {

constexpr int64_t cells = 10;

SaliencyMap one_plane(std::vector<float> values) {
  SaliencyMap map;
  map.layer = "input";
  map.channels = 1, map.height = map.width = cells;
  map.values = std::move(values);
  return map;
}

using Pixel = std::vector<uint8_t>;

/// The picture's pixels, one a cell of the map.
std::vector<Pixel> cells_drawn(const SaliencyMap& map) {
  const Image picture = draw_saliency(map, {}, Model::bundled("vgg16-slim"), cells);
  std::vector<Pixel> pixels;
  for (auto at = picture.rgb.begin(); at != picture.rgb.end(); at += 3)
    pixels.emplace_back(at, at + 3);
  return pixels;
}

const Pixel pale{255, 255, 255}, full_red{150, 12, 20}, full_blue{5, 48, 130};

TEST(SaliencyDrawing, OnePixelThatIsNotZeroHasTheFullColour) {
  for (const float value : {3e-20f, -7.0f}) {
    std::vector<float> values(cells * cells, 0.0f);
    values[37] = value;
    const std::vector<Pixel> pixels = cells_drawn(one_plane(std::move(values)));
    for (size_t i = 0; i < pixels.size(); ++i) {
      EXPECT_EQ(pixels[i], i != 37 ? pale : value > 0 ? full_red : full_blue) << i;
    }
  }
}

/// Of the magnitudes 1 to 100 the 99th percentile is 99, as if zeros counted.
TEST(SaliencyDrawing, ADenseMapIsColouredUpToThe99thPercentile) {
  std::vector<float> values;
  for (int i = 1; i <= 100; ++i) values.push_back(static_cast<float>(i % 2 == 0 ? i : -i));
  const std::vector<Pixel> pixels = cells_drawn(one_plane(values));
  EXPECT_EQ(pixels[98], full_blue);  // -99
  EXPECT_EQ(pixels[99], full_red);   // 100, beyond the range
  for (const int magnitude : {2, 33, 50, 97, 98}) {
    const Pixel& end = magnitude % 2 == 0 ? full_red : full_blue;
    for (size_t c = 0; c < 3; ++c) {
      const double expected = 255 - (255 - end[c]) * static_cast<double>(magnitude) / 99;
      EXPECT_NEAR(pixels[static_cast<size_t>(magnitude) - 1][c], expected, 0.51) << magnitude;
    }
  }
}

/// Half of the map is zero: the range is that of the other half, 1 to 50.
TEST(SaliencyDrawing, ZerosDoNotCountForTheRange) {
  std::vector<float> values(cells * cells, 0.0f);
  for (size_t i = 0; i < 50; ++i) values[2 * i] = static_cast<float>(i + 1);
  const std::vector<Pixel> pixels = cells_drawn(one_plane(values));
  EXPECT_EQ(pixels[2 * 48], full_red);  // 49, the 99th percentile of 50 values
  EXPECT_NE(pixels[2 * 47], full_red);
  EXPECT_EQ(pixels[1], pale);
}

TEST(SaliencyDrawing, NothingIsPale) {
  const float not_finite[]{std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity()};
  for (const float value : {0.0f, not_finite[0], not_finite[1]}) {
    for (const Pixel& pixel : cells_drawn(one_plane(std::vector<float>(cells * cells, value)))) {
      EXPECT_EQ(pixel, pale) << value;
    }
  }
  SaliencyMap map = one_plane({1, 2, 3});
  EXPECT_THROW(draw_saliency(map, {}, Model::bundled("vgg16-slim"), cells), Error);
}

}  // namespace
}  // namespace hdecomp
