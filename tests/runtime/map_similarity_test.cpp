/// Likeness of maps: hand-worked values, ties, constant and tiny maps.
#include "runtime/experiments/map_similarity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using Map = std::vector<float>;

TEST(Spearman, OfRanksAndNotOfValues) {
  EXPECT_DOUBLE_EQ(spearman(Map{1, 2, 3, 4}, Map{1, 10, 100, 1000}), 1);
  EXPECT_DOUBLE_EQ(spearman(Map{1, 2, 3, 4}, Map{4, 3, 2, 1}), -1);
  // Ranks 1 2 3 4 5 and 2 1 4 3 5: 1 - 6 (1 + 1 + 1 + 1) / (5 24).
  EXPECT_NEAR(spearman(Map{10, 20, 30, 40, 50}, Map{2, 1, 4, 3, 9}), 0.8, 1e-12);
}

TEST(Spearman, EqualValuesShareTheAverageOfTheirRanks) {
  // Ranks 1.5 1.5 3.5 3.5 and 1 2 3 4: 4 / sqrt(4 5).
  EXPECT_NEAR(spearman(Map{0, 0, 1, 1}, Map{1, 2, 3, 4}), 4 / std::sqrt(20.0), 1e-12);
}

/// Ranks 4 2.5 2.5 1 and 4 2 3 1: 4.5 / sqrt(4.5 5).
TEST(Spearman, BothZerosAreOneValueBetweenTheSigns) {
  EXPECT_NEAR(spearman(Map{2, 0, -0.0f, -3}, Map{4, 2, 3, 1}), 4.5 / std::sqrt(22.5), 1e-12);
  EXPECT_DOUBLE_EQ(spearman(Map{-3, -2, -1e-30f, 1e-30f, 5}, Map{1, 2, 3, 4, 5}), 1);
}

/// Single precision would see sums of squares of 0, and 1 or nothing for each of these.
TEST(Spearman, OfMapsOfAnySize) {
  const Map a{3e-23f, 1e-23f, 2e-23f, 5e-23f, 4e-23f}, b{1, 2, 3, 4, 5};
  Map huge;
  for (const float value : a) huge.push_back(value * 1e30f * 1e30f);
  EXPECT_NEAR(spearman(a, b), 0.6, 1e-12);
  EXPECT_NEAR(spearman(huge, b), 0.6, 1e-12);
  EXPECT_NEAR(spearman(a, huge), 1, 1e-12);
}

TEST(Spearman, AConstantMapHasNone) {
  EXPECT_TRUE(std::isnan(spearman(Map{2, 2, 2}, Map{1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman(Map{1, 2, 3}, Map{0, -0.0f, 0})));
  EXPECT_TRUE(std::isnan(spearman(Map{1, 2, std::nanf("")}, Map{1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman(Map{}, Map{})));
  EXPECT_THROW(spearman(Map{1}, Map{1, 2}), Error);
}

Map waves(int64_t height, int64_t width, float phase) {
  Map map;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      map.push_back(std::sin(0.7f * static_cast<float>(y) + phase) *
                    std::cos(0.4f * static_cast<float>(x)));
    }
  }
  return map;
}

TEST(Ssim, IsOneOfAMapAndItsMultiples) {
  const Map map = waves(9, 11, 0);
  Map small;
  for (const float value : map) small.push_back(value * 0x1p-70f);
  EXPECT_NEAR(ssim(map, map, 9, 11, 2), 1, 1e-12);
  EXPECT_NEAR(ssim(map, small, 9, 11, 2), 1, 1e-12);
  EXPECT_LT(ssim(map, waves(9, 11, 2), 9, 11, 2), 0.9);
}

/// One window: means 0 and 1/49, a map of one cell against another cell.
TEST(Ssim, ByHand) {
  Map a(49, 0), b(49, 0);
  a[3] = 5, b[8] = 2;
  const double mean = 1.0 / 49, c1 = 1e-4, c2 = 9e-4;
  const double variance = (1.0 / 49 - mean * mean) * 49 / 48, covariance = -mean * mean * 49 / 48;
  const double expected = (2 * mean * mean + c1) * (2 * covariance + c2) /
                          ((2 * mean * mean + c1) * (2 * variance + c2));
  EXPECT_NEAR(ssim(a, b, 7, 7, 1), expected, 1e-12);
}

TEST(Ssim, OfNothingOrTooLittleThereIsNone) {
  EXPECT_TRUE(std::isnan(ssim(Map(49, 0), Map(49, 1), 7, 7, 1)));
  EXPECT_TRUE(std::isnan(ssim(Map(36, 1), Map(36, 1), 6, 6, 1)));
  EXPECT_THROW(ssim(Map(49, 1), Map(49, 1), 7, 8, 1), Error);
}

TEST(HistogramEntropy, OfEvenAndConstantMaps) {
  Map even;
  for (int i = 0; i < 1000; ++i) even.push_back(static_cast<float>(i % 100) * 0.5f);
  EXPECT_NEAR(histogram_entropy(even), std::log(100.0), 1e-12);
  EXPECT_EQ(histogram_entropy(Map{3, 3, 3}), 0);
  EXPECT_NEAR(histogram_entropy(Map{0, 0, 1, 1}), std::log(2.0), 1e-12);
  EXPECT_TRUE(std::isnan(histogram_entropy(Map{1, INFINITY})));
}

TEST(EdgeMap, FindsAStep) {
  // Two channels whose mean steps from 0 to 1 between columns 1 and 2.
  Map image;
  for (int c = 0; c < 2; ++c) {
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 4; ++x) image.push_back(x < 2 ? 0.0f : static_cast<float>(2 * c));
    }
  }
  const Map edges = edge_map(image, 2, 3, 4);
  EXPECT_EQ(edges, (Map{0, 4, 4, 0, 0, 4, 4, 0, 0, 4, 4, 0}));
}

}  // namespace
}  // namespace hdecomp
