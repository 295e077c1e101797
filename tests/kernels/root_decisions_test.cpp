/// root_decisions against hand-worked scores and a plain loop.
#include "kernels/gap/root_decisions.h"

#include <limits>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

constexpr Place nowhere{0, 0, 0, -1};

class RootDecisionsTest : public OnDevice {
 protected:
  std::vector<Place> roots(const Tensor& scores, int64_t asked = -1, int64_t images = -1) const {
    const int64_t count = scores.shape()[0];
    PlaceTensor before({}, {count});
    std::ranges::fill(before.span(), Place{7, 7, 7, 7});
    PlaceTensor result = to_device(before);
    root_decisions(context(), to_device(scores), asked, images < 0 ? count : images, result);
    const PlaceTensor host = to_host(result);
    return {host.span().begin(), host.span().end()};
  }
};

TEST_P(RootDecisionsTest, TheLargestScoreOrTheClassAskedFor) {
  const Tensor scores = floats({2, 3}, {1, 5, 2, 9, -4, 0.5f});
  EXPECT_EQ(roots(scores), (std::vector<Place>{{1, 0, 0, 0}, {0, 0, 0, 1}}));
  EXPECT_EQ(roots(scores, 2), (std::vector<Place>{{2, 0, 0, 0}, {2, 0, 0, 1}}));
  EXPECT_EQ(roots(scores, 1), (std::vector<Place>{{1, 0, 0, 0}, nowhere}));
}

TEST_P(RootDecisionsTest, OfEqualScoresTheLowerClass) {
  EXPECT_EQ(roots(random_tensor({1, 100}, 1, 2, 2)), (std::vector<Place>{{0, 0, 0, 0}}));
  Tensor scores = random_tensor({1, 100}, 2, 0, 1);
  scores.data()[97] = scores.data()[65] = scores.data()[34] = 3;
  EXPECT_EQ(roots(scores), (std::vector<Place>{{34, 0, 0, 0}}));
}

TEST_P(RootDecisionsTest, NoImageWithoutAPositiveScore) {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  const Tensor scores = floats({5, 2}, {-1, -2, 0, 0, nan, nan, nan, 3, -infinity, -infinity});
  EXPECT_EQ(roots(scores), (std::vector<Place>{nowhere, nowhere, nowhere, {1, 0, 0, 3}, nowhere}));
}

TEST_P(RootDecisionsTest, ImagesBehindTheLastHaveNone) {
  const Tensor scores = floats({3, 1}, {1, 1, 1});
  EXPECT_EQ(roots(scores, -1, 2), (std::vector<Place>{{0, 0, 0, 0}, {0, 0, 0, 1}, nowhere}));
  EXPECT_EQ(roots(scores, -1, 0), (std::vector<Place>{nowhere, nowhere, nowhere}));
}

TEST_P(RootDecisionsTest, MatchesAPlainLoop) {
  for (const int64_t classes : {1, 31, 33, 257, 1000}) {
    SCOPED_TRACE(classes);
    const Tensor scores = random_tensor({37, classes}, 3, -1, 0.2f);
    const std::vector<Place> found = roots(scores);
    for (int64_t i = 0; i < 37; ++i) {
      const auto row = scores.span().subspan(i * classes, classes);
      const auto best = std::ranges::max_element(row);
      EXPECT_EQ(found[i], *best > 0 ? (Place{best - row.begin(), 0, 0, i}) : nowhere);
    }
  }
}

TEST_P(RootDecisionsTest, OtherExtentsAreRefused) {
  const Tensor scores = empty({2, 3});
  PlaceTensor two(GetParam(), {2}), three(GetParam(), {3});
  EXPECT_THROW(root_decisions(context(), scores, -1, 2, three), Error);
  EXPECT_THROW(root_decisions(context(), scores, 3, 2, two), Error);
  EXPECT_THROW(root_decisions(context(), scores, -1, 3, two), Error);
  EXPECT_THROW(root_decisions(context(), scores, -1, -1, two), Error);
  EXPECT_THROW(root_decisions(context(), empty({2, 3, 1}), -1, 2, two), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, RootDecisionsTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
