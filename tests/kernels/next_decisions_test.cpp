/// next_decisions against hand-worked levels and a plain loop.
#include "kernels/gap/next_decisions.h"

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

struct Next {
  Tensor values;
  std::vector<Place> places;
};

PlaceTensor places_of(const std::vector<Place>& places) {
  return tensor_of(Shape{std::ssize(places)}, places);
}

class NextDecisionsTest : public OnDevice {
 protected:
  Next next(const std::vector<Place>& above, const IndexTensor& channels,
            const IndexTensor& positions, const Tensor& feature) const {
    const PlaceTensor there = to_device(places_of(above));
    Tensor values = empty(channels.shape());
    PlaceTensor result(GetParam(), {channels.elements()});
    next_decisions(context(), {there.data(), above.size()}, to_device(channels),
                   to_device(positions), to_device(feature), values, result);
    const PlaceTensor host = to_host(result);
    return {to_host(values), {host.span().begin(), host.span().end()}};
  }
};

constexpr Place no_decision{0, 0, 0, -1};

TEST_P(NextDecisionsTest, EachChannelsPeakBecomesAPlace) {
  // Two images, three channels of 2 x 3; decision 0 lies in image 1, decision 1 in image 0.
  Tensor feature({}, {2, 3, 2, 3});
  for (int i = 0; i < 36; ++i) feature.data()[i] = static_cast<float>(i + 1);
  const Next found = next({{7, 8, 9, 1}, {7, 8, 9, 0}}, indices({2, 2}, {2, 0, 1, -1}),
                          indices({2, 3}, {5, -1, 1, -1, 4, -1}), feature);
  EXPECT_TRUE(same_bits(found.values, floats({2, 2}, {32, 24, 11, 0})));
  EXPECT_EQ(found.places,
            (std::vector<Place>{{2, 0, 1, 1}, {0, 1, 2, 1}, {1, 1, 1, 0}, no_decision}));
}

TEST_P(NextDecisionsTest, AFeatureThatIsNotPositiveEndsItsBranch) {
  const Next found =
      next({{0, 0, 0, 0}}, indices({1, 4}, {0, 1, 2, 3}), indices({1, 4}, {0, 1, 0, 1}),
           floats({1, 4, 1, 2}, {-2, 9, 9, 0, 3, 9, 9, std::nanf("")}));
  EXPECT_EQ(found.places,
            (std::vector<Place>{{0, 0, 0, -1}, {1, 0, 1, -1}, {2, 0, 0, 0}, {3, 0, 1, -1}}));
  EXPECT_EQ(found.values.data()[0], -2);
  EXPECT_EQ(found.values.data()[1], 0);
  EXPECT_EQ(found.values.data()[2], 3);
}

TEST_P(NextDecisionsTest, WhereThereWasNoDecisionNoneFollows) {
  const Next found = next({{-5, -70000, 70000, -1}, {0, 0, 0, 0}}, indices({2, 1}, {0, 0}),
                          indices({2, 1}, {0, -1}), floats({1, 1, 1, 1}, {5}));
  EXPECT_EQ(found.places, (std::vector<Place>{no_decision, no_decision}));
  EXPECT_TRUE(same_bits(found.values, floats({2, 1}, {0, 0})));
}

TEST_P(NextDecisionsTest, LevelsLargerThanABlockMatchAPlainLoop) {
  constexpr int64_t decisions = 67, n = 5, count = 31, height = 7, width = 11, images = 3;
  Random random(1);
  std::vector<Place> above;
  IndexTensor channels({}, {decisions, n}), positions({}, {decisions, count});
  for (int64_t d = 0; d < decisions; ++d) {
    above.push_back({1, 2, 3, static_cast<int64_t>(random.bits() % (images + 1)) - 1});
  }
  for (int32_t& c : channels.span()) c = static_cast<int32_t>(random.bits() % (count + 1)) - 1;
  for (int32_t& p : positions.span()) {
    p = static_cast<int32_t>(random.bits() % (height * width + 1)) - 1;
  }
  const Tensor feature = random_tensor({images, count, height, width}, 2, -0.5f, 1);
  const Next found = next(above, channels, positions, feature);
  for (int64_t i = 0; i < decisions * n; ++i) {
    SCOPED_TRACE(joined("slot ", i));
    const int64_t channel = channels.data()[i], image = above[i / n].image;
    const int64_t at = channel < 0 ? -1 : positions.data()[i / n * count + channel];
    const bool there = image >= 0 && at >= 0;
    const float value =
        there ? feature.data()[(image * count + channel) * height * width + at] : 0.0f;
    EXPECT_EQ(found.values.data()[i], value);
    EXPECT_EQ(found.places[i].image, value > 0 ? image : -1);
    if (value > 0) {
      EXPECT_EQ(found.places[i], (Place{channel, at / width, at % width, image}));
    }
  }
}

TEST_P(NextDecisionsTest, OtherExtentsAreRefused) {
  const std::vector<Place> above(2);
  const IndexTensor channels = empty_indices({2, 3}), positions = empty_indices({2, 4});
  const Tensor feature = empty({1, 4, 2, 2});
  Tensor values = empty({2, 3}), wrong = empty({3, 2});
  PlaceTensor next(GetParam(), {6}), few(GetParam(), {5});
  const auto call = [&](const IndexTensor& c, const IndexTensor& p, const Tensor& f, Tensor& v,
                        PlaceTensor& places) {
    next_decisions(context(), above, c, p, f, v, places);
  };
  EXPECT_THROW(call(empty_indices({3, 3}), positions, feature, values, next), Error);
  EXPECT_THROW(call(empty_indices({6}), positions, feature, values, next), Error);
  EXPECT_THROW(call(channels, empty_indices({2, 3}), feature, values, next), Error);
  EXPECT_THROW(call(channels, positions, empty({4, 2, 2}), values, next), Error);
  EXPECT_THROW(call(channels, positions, feature, wrong, next), Error);
  EXPECT_THROW(call(channels, positions, feature, values, few), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, NextDecisionsTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
