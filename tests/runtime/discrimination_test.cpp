/// Eq. 13 and Morcos' selectivity on counts that are worked out by hand.
#include "hdecomp/discrimination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

TEST(Discriminating, IsTheLargestClassesShareOfAllCounts) {
  // Four images of classes 7, 7, 2, 9; channels: of one class, of all, chosen once, never.
  const std::vector<int32_t> labels{7, 7, 2, 9};
  const std::vector<float> chosen{2, 1, 0, 0,  //
                                  3, 1, 0, 0,  //
                                  0, 2, 1, 0,  //
                                  0, 1, 0, 0};
  const std::vector<float> features{1, 2, 0, 0,  //
                                    3, 2, 0, 0,  //
                                    1, 2, 0, 0,  //
                                    0, 2, 6, 0};
  const Discrimination found = discrimination(chosen, features, labels);
  EXPECT_EQ(found.classes, 3);
  EXPECT_EQ(found.chosen, (std::vector<double>{5, 5, 1, 0}));
  EXPECT_EQ(found.best, (std::vector<int32_t>{7, 2, 2, -1}));  // a tie goes to the lower class
  EXPECT_EQ(found.degree[0], 1);
  EXPECT_EQ(found.degree[1], 2.0 / 5);
  EXPECT_EQ(found.degree[2], 1);
  EXPECT_TRUE(std::isnan(found.degree[3]));
  // Over the classes' images: 1, 2 and 1 of channel 1.
  EXPECT_EQ(found.balanced[0], 1);
  EXPECT_EQ(found.balanced[1], 2.0 / 4);
  // Classes' means of channel 0: 2, 1, 0; so m = 2 and r = 0.5.
  EXPECT_EQ(found.selectivity[0], 1.5 / 2.5);
  EXPECT_EQ(found.selectivity[1], 0);
  EXPECT_EQ(found.selectivity[2], 1);
  EXPECT_TRUE(std::isnan(found.selectivity[3]));
}

TEST(Discriminating, OfOneClassIsOne) {
  const Discrimination found =
      discrimination(std::vector<float>{1, 0}, std::vector<float>{1, 0}, std::vector<int32_t>{4});
  EXPECT_EQ(found.degree[0], 1);
  EXPECT_TRUE(std::isnan(found.selectivity[0]));  // there is no other class
}

TEST(Discriminating, ShufflesAreByTheSeedAndTheRound) {
  const std::vector<int32_t> labels{0, 0, 1, 1, 2, 2, 3, 3};
  const auto first = shuffled_labels(labels, 5, 0);
  EXPECT_EQ(shuffled_labels(labels, 5, 0), first);
  EXPECT_NE(shuffled_labels(labels, 5, 1), first);
  EXPECT_NE(shuffled_labels(labels, 6, 0), first);
  EXPECT_TRUE(std::ranges::is_permutation(first, labels));
}

TEST(Discriminating, RefusesCountsThatDoNotFit) {
  EXPECT_THROW(discrimination(std::vector<float>{1, 2, 3}, std::vector<float>{1, 2, 3},
                              std::vector<int32_t>{0, 1}),
               Error);
  EXPECT_THROW(discrimination({}, {}, {}), Error);
}

}  // namespace
}  // namespace hdecomp
