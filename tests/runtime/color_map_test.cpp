/// color_map: the colours at the ends and between, values that are none.
#include "runtime/report/color_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes blended(const std::vector<float>& map, Bytes rgb) {
  color_map(map, rgb);
  return rgb;
}

/// The contract in plain words.
uint8_t blend(float value, uint8_t pixel, size_t channel) {
  const float v = value > 0 ? std::min(value, 1.0f) : 0.0f;
  const float share = std::fma(strongest_colour - faintest_colour, v, faintest_colour);
  const auto under = static_cast<float>(pixel);
  return static_cast<uint8_t>(
      std::lround(std::fma(static_cast<float>(jet(v)[channel]) - under, share, under)));
}

void expect_plainly_blended(const std::vector<float>& map, const Bytes& rgb) {
  const Bytes found = blended(map, rgb);
  for (size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(int{found[i]}, int{blend(map[i / 3], rgb[i], i % 3)}) << "byte " << i;
  }
}

TEST(ColorMap, GoesFromALittleBlueToMuchRed) {
  // A quarter of (0, 0, 128), 0.475 of (128, 255, 128), 0.7 of (128, 0, 0).
  EXPECT_EQ(blended({0, 0.5f, 1}, Bytes(9, 100)), Bytes({75, 75, 107, 113, 174, 113, 120, 30, 30}));
}

TEST(ColorMap, ValuesOutsideCountAsTheNearerEnd) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Bytes view(18, 200);
  EXPECT_EQ(blended({-1, -infinity, std::nanf(""), 2, infinity, -0.0f}, view),
            blended({0, 0, 0, 1, 1, 0}, view));
}

TEST(ColorMap, AnyValueOverAnyPixel) {
  std::mt19937 random(2);
  std::vector<float> map(1000);
  Bytes view(3000);
  for (float& value : map) value = static_cast<float>(random() % 1200) / 1000 - 0.1f;
  for (uint8_t& value : view) value = static_cast<uint8_t>(random());
  expect_plainly_blended(map, view);
}

TEST(ColorMap, EveryStepOfEveryPixelValue) {
  std::vector<float> map;
  Bytes view;
  for (int i = 0; i < 256 * 257; ++i) {
    map.push_back(static_cast<float>(i % 257) / 256);
    view.insert(view.end(), 3, static_cast<uint8_t>(i / 257));
  }
  expect_plainly_blended(map, view);
}

/// What colours make of a black pixel, and of a white one.
Bytes over_black_and_white(Colours colours, float value) {
  Bytes rgb{0, 0, 0, 255, 255, 255};
  color_map(std::vector<float>{value, value}, rgb, colours);
  return rgb;
}

/// Shares and ends by hand, halves up (246.5 of ember over white): 0.3 of #0b0724 and 0.85 of
/// #fdf5b0; 0.9 of #0a3f8c and of #8a3d00.
TEST(ColorMap, ThePagesColoursAreMixedByTheirShares) {
  EXPECT_EQ(over_black_and_white(Colours::ember, 0), (Bytes{3, 2, 11, 182, 181, 189}));
  EXPECT_EQ(over_black_and_white(Colours::ember, -5), over_black_and_white(Colours::ember, 0));
  EXPECT_EQ(over_black_and_white(Colours::ember, 1), (Bytes{215, 208, 150, 253, 247, 188}));
  EXPECT_EQ(over_black_and_white(Colours::ember, 7), over_black_and_white(Colours::ember, 1));
  EXPECT_EQ(over_black_and_white(Colours::ember, std::numeric_limits<float>::quiet_NaN()),
            over_black_and_white(Colours::ember, 0));
  EXPECT_EQ(over_black_and_white(Colours::signed_, -1), (Bytes{9, 57, 126, 35, 82, 152}));
  EXPECT_EQ(over_black_and_white(Colours::signed_, 1), (Bytes{124, 55, 0, 150, 80, 26}));
  EXPECT_EQ(over_black_and_white(Colours::signed_, -9), over_black_and_white(Colours::signed_, -1));
  EXPECT_EQ(colour_at(Colours::dusk, 0), (std::array<uint8_t, 3>{0x04, 0x1c, 0x4a}));
  EXPECT_EQ(colour_at(Colours::dusk, 1), (std::array<uint8_t, 3>{0xff, 0xe7, 0x5c}));
  EXPECT_EQ(colour_at(Colours::jet, 1), jet(1));
}

TEST(ColorMap, OtherExtentsAreRefused) {
  Bytes rgb(9);
  EXPECT_THROW(color_map(std::vector<float>(4), rgb), Error);
}

}  // namespace
}  // namespace hdecomp
