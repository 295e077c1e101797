/// gap_reduce (Eqs. 3 to 5) against hand-worked values, a plain loop in double and PyTorch.
#include "kernels/gap/gap_reduce.h"

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"
#include "tests/support/window_levels.h"

namespace hdecomp::op_testing {
namespace {

/// One plane by a plain loop: products in float as Eq. 3's A is, sums in double.
struct PlaneReference {
  double alpha = 0, mean_gradient = 0;
  float peak = 0, max_gradient = 0;
  int32_t position = -1;
};
PlaneReference reduce_plane(std::span<const float> gradient, std::span<const float> feature) {
  PlaneReference plane;
  plane.max_gradient = gradient[0];
  for (size_t i = 0; i < gradient.size(); ++i) {
    const float a = gradient[i] * feature[i];
    plane.alpha += a;
    plane.mean_gradient += gradient[i];
    plane.max_gradient = std::max(plane.max_gradient, gradient[i]);
    if (a > plane.peak) {
      plane.peak = a;
      plane.position = static_cast<int32_t>(i);
    }
  }
  plane.alpha /= static_cast<double>(gradient.size());
  plane.mean_gradient /= static_cast<double>(gradient.size());
  return plane;
}

/// Few distinct values, so that nearly every plane has ties.
void round_to_quarters(Tensor& tensor) {
  for (float& value : tensor.span()) value = std::round(value * 4) / 4;
}

class GapReduceTest : public OnDevice {
 protected:
  /// Of gradients (D, C, h, w) of whole maps, all of image 0.
  GapResult reduce(const Tensor& gradient, const Tensor& feature) const {
    const Shape& shape = gradient.shape();
    Level level;
    level.above = whole_window(shape[2], shape[3]);
    level.channels_above = shape[1];
    level.places = PlaceTensor({}, {shape[0]});
    std::ranges::fill(level.places.span(), Place{});
    level.gradient = Tensor({}, {shape[1], shape[0], shape[2], shape[3]});
    const int64_t area = shape[2] * shape[3];
    for (int64_t d = 0; d < shape[0]; ++d) {
      for (int64_t c = 0; c < shape[1]; ++c) {
        std::copy_n(gradient.data() + (d * shape[1] + c) * area, area,
                    level.gradient.data() + (c * shape[0] + d) * area);
      }
    }
    return reduce(level, feature);
  }

  /// Of the level's upper gradients.
  GapResult reduce(const Level& level, const Tensor& feature) const {
    const PlaceTensor places = to_device(level.places);
    return reduce(level, places, to_device(level.gradient), feature);
  }

  /// The same, from there.
  GapResult reduce(const Level& level, const PlaceTensor& places, Tensor there,
                   const Tensor& feature) const {
    const WindowBatch batch = batch_of(level.above, places, std::move(there));
    GapResult found(GetParam(), places.elements(), batch.channels);
    gap_reduce(context(), batch, to_device(feature), found);
    return on_host(found);
  }

  static WindowBatch batch_of(const Window& window, const PlaceTensor& places, Tensor data) {
    WindowBatch batch;
    batch.window = window;
    batch.places = {places.data(), static_cast<size_t>(places.elements())};
    batch.channels = data.shape()[0];
    batch.data = std::move(data);
    return batch;
  }

  GapResult on_host(const GapResult& found) const {
    const Shape& shape = found.alpha.shape();
    GapResult host({}, shape[0], shape[1]);
    host.alpha = to_host(found.alpha);
    host.peak = to_host(found.peak);
    host.position = to_host(found.position);
    host.mean_gradient = to_host(found.mean_gradient);
    host.max_gradient = to_host(found.max_gradient);
    return host;
  }

  void expect_like_the_plain_loop(const Tensor& gradient, const Tensor& feature) const {
    const GapResult found = reduce(gradient, feature);
    const Shape& shape = gradient.shape();
    const int64_t area = shape[2] * shape[3];
    for (int64_t at = 0; at < shape[0] * shape[1]; ++at) {
      SCOPED_TRACE(joined("plane ", at));
      const PlaneReference expected =
          reduce_plane(gradient.span().subspan(at * area, area),
                       feature.span().subspan(at % shape[1] * area, area));
      expect_plane(found, at, expected);
    }
  }

  static void expect_plane(const GapResult& found, int64_t at, const PlaneReference& expected) {
    // Means of values up to 1 that may cancel: the error is relative to the values, not the mean.
    EXPECT_NEAR(found.alpha.data()[at], expected.alpha, tolerance::few_roundings);
    EXPECT_NEAR(found.mean_gradient.data()[at], expected.mean_gradient, tolerance::few_roundings);
    EXPECT_EQ(found.peak.data()[at], expected.peak);
    EXPECT_EQ(found.position.data()[at], expected.position);
    EXPECT_EQ(found.max_gradient.data()[at], expected.max_gradient);
  }

  /// Windows against the same gradients written out over the whole map.
  void expect_like_whole_maps(const Level& level, const Tensor& feature) const {
    const GapResult found = reduce(level, feature);
    const int64_t area = level.above.y.map * level.above.x.map;
    for (int64_t at = 0; at < level.places.elements() * level.channels_above; ++at) {
      SCOPED_TRACE(joined("plane ", at));
      const int64_t d = at / level.channels_above, c = at % level.channels_above;
      const int64_t image = level.places.data()[d].image;
      const Map map = map_above(level, d);
      const std::vector<float> gradient(map.values.begin() + c * area,
                                        map.values.begin() + (c + 1) * area);
      const int64_t plane = std::max<int64_t>(image, 0) * level.channels_above + c;
      expect_plane(found, at, reduce_plane(gradient, feature.span().subspan(plane * area, area)));
    }
  }
};

TEST_P(GapReduceTest, MatchesAHandWorkedCase) {
  const GapResult found =
      reduce(floats({1, 1, 2, 2}, {1, -2, 3, 4}), floats({1, 1, 2, 2}, {2, 1, 0, 1}));
  EXPECT_TRUE(same_bits(found.alpha, floats({1, 1}, {1})));  // (2 - 2 + 0 + 4) / 4
  EXPECT_TRUE(same_bits(found.peak, floats({1, 1}, {4})));
  EXPECT_TRUE(same_bits(found.position, indices({1, 1}, {3})));
  EXPECT_TRUE(same_bits(found.mean_gradient, floats({1, 1}, {1.5f})));
  EXPECT_TRUE(same_bits(found.max_gradient, floats({1, 1}, {4})));
}

TEST_P(GapReduceTest, EachDecisionMeetsTheSameFeature) {
  const Tensor gradient = floats({2, 2, 1, 2}, {1, 2, 3, 4, -1, 1, 1, -1});
  const GapResult found = reduce(gradient, floats({1, 2, 1, 2}, {1, 0, 2, 4}));
  EXPECT_TRUE(same_bits(found.alpha, floats({2, 2}, {0.5f, 11, -0.5f, -1})));
  EXPECT_TRUE(same_bits(found.peak, floats({2, 2}, {1, 16, 0, 2})));
  EXPECT_TRUE(same_bits(found.position, indices({2, 2}, {0, 1, -1, 0})));
}

TEST_P(GapReduceTest, AZeroFeatureHasNoPeak) {
  const GapResult found =
      reduce(random_tensor({1, 2, 17, 16}, 1), random_tensor({1, 2, 17, 16}, 2, 0, 0));
  EXPECT_TRUE(near(found.alpha, floats({1, 2}, {0, 0}), 0));
  EXPECT_TRUE(near(found.peak, floats({1, 2}, {0, 0}), 0));
  EXPECT_TRUE(same_bits(found.position, indices({1, 2}, {-1, -1})));
}

TEST_P(GapReduceTest, WithoutAPositiveActivationThereIsNoPeak) {
  const Tensor gradient = random_tensor({1, 1, 30, 30}, 1, -1, -0.5f);
  const GapResult found = reduce(gradient, random_tensor({1, 1, 30, 30}, 2, 0.5f, 1));
  EXPECT_EQ(found.peak.data()[0], 0);
  EXPECT_EQ(found.position.data()[0], -1);
  EXPECT_LT(found.alpha.data()[0], 0);
  EXPECT_LT(found.max_gradient.data()[0], 0);  // not the 0 that a maximum might start from
}

TEST_P(GapReduceTest, TheLowestOfEqualPeaksIsTaken) {
  const Tensor feature = random_tensor({1, 1, 25, 40}, 1, 1, 1);
  for (const auto& [first, second] : {std::pair{5, 6}, {5, 13}, {7, 255}, {255, 256}, {300, 999}}) {
    SCOPED_TRACE(joined(first, " and ", second));
    Tensor gradient = random_tensor({1, 1, 25, 40}, 2, -1, 1);
    gradient.data()[first] = gradient.data()[second] = 2;
    EXPECT_EQ(reduce(gradient, feature).position.data()[0], first);
  }
  EXPECT_EQ(reduce(feature, feature).position.data()[0], 0);
}

TEST_P(GapReduceTest, TheLowestOfEqualPeaksIsTakenAcrossManyThreads) {
  for (const int64_t width : {71, 72}) {  // in ones, in fours
    const Tensor feature = random_tensor({1, 1, 71, width}, 1, 1, 1);
    for (const auto& [first, second] :
         {std::pair{0, 1}, {3, 4}, {255, 1024}, {1020, 1021}, {1023, 1024}, {2047, 4100}}) {
      SCOPED_TRACE(joined(first, " and ", second, " in rows of ", width));
      Tensor gradient = random_tensor({1, 1, 71, width}, 2, -1, 1);
      gradient.data()[first] = gradient.data()[second] = 2;
      EXPECT_EQ(reduce(gradient, feature).position.data()[0], first);
    }
  }
}

TEST_P(GapReduceTest, MatchesThePlainLoopAtEverySize) {
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{1, 1},
                                      {1, 31},
                                      {3, 11},
                                      {15, 17},
                                      {16, 16},
                                      {257, 1},
                                      {25, 40},
                                      {33, 1},
                                      {7, 7},
                                      {31, 31},
                                      {56, 56},
                                      {67, 71},
                                      {72, 62}}) {
    SCOPED_TRACE(joined(height, " x ", width));
    const Tensor feature = random_tensor({1, 5, height, width}, 1, 0, 1);
    expect_like_the_plain_loop(random_tensor({3, 5, height, width}, 2), feature);
    expect_like_the_plain_loop(random_tensor({3, 5, height, width}, 3, -1, 0), feature);
    Tensor ties = random_tensor({3, 5, height, width}, 4);
    round_to_quarters(ties);
    expect_like_the_plain_loop(ties, random_tensor({1, 5, height, width}, 5, 1, 1));
  }
}

TEST_P(GapReduceTest, PlanesMayBeginAnywhere) {
  Level level = random_level({1, 2, 4, 5, 3, 1, {1, 1, 0}, {4, 1, 0}}, 1);
  ASSERT_TRUE(level.above.whole());
  const Tensor feature = random_tensor({1, 3, 4, 5}, 2);
  Tensor longer({}, {level.gradient.elements() + 1});
  std::ranges::copy(level.gradient.span(), longer.data() + 1);
  Tensor there = to_device(longer);
  Tensor shifted(GetParam(), level.gradient.shape(), there.data() + 1);  // on 4 bytes, not on 16
  const PlaceTensor places = to_device(level.places);
  const GapResult found = reduce(level, places, std::move(shifted), feature);
  const GapResult expected = reduce(level, feature);
  EXPECT_TRUE(same_bits(found.position, expected.position));
  EXPECT_TRUE(same_bits(found.peak, expected.peak));
}

/// {images, decisions, height, width, channels, unused, unused, what makes the windows}
const std::vector<LevelPlan>& window_plans() {
  static const std::vector<LevelPlan> plans{
      {1, 1, 9, 9, 1, 1, {1, 1, 0}, {1, 1, 0}},      // the decision alone
      {2, 6, 14, 14, 5, 1, {1, 1, 0}, {3, 1, 1}},    // leave the map by one
      {3, 7, 29, 31, 3, 1, {1, 1, 0}, {7, 2, 3}},    // rows and columns of different count
      {2, 5, 40, 37, 2, 1, {1, 1, 0}, {31, 1, 15}},  // mostly outside
      {2, 4, 90, 83, 2, 1, {1, 1, 0}, {71, 3, 9}},   // a block for each plane
      {2, 5, 14, 20, 3, 1, {1, 1, 0}, {4, 2, 0}},    // even rows, read in pairs
      {2, 6, 28, 30, 2, 1, {1, 1, 0}, {14, 2, 4}},   // the same, over the map's edge
      {2, 4, 86, 90, 2, 1, {1, 1, 0}, {76, 4, 20}},  // the same, wider than 32 pairs
      {2, 4, 5, 4, 33, 1, {1, 1, 0}, {4, 1, 0}},     // as large as the map: whole
      {2, 9, 7, 7, 33, 1, {1, 1, 0}, {9, 1, 1}}};    // whole, more channels than a warp has lanes
  return plans;
}

TEST_P(GapReduceTest, WindowsAreLikeTheWholeMaps) {
  for (const LevelPlan& plan : window_plans()) {
    SCOPED_TRACE(joined(plan.upper.size, " in ", plan.height, " x ", plan.width));
    Level level = random_level(plan, 1);
    const Shape shape{plan.images, plan.channels_above, plan.height, plan.width};
    expect_like_whole_maps(level, random_tensor(shape, 2, 0, 1));
    round_to_quarters(level.gradient);
    expect_like_whole_maps(level, random_tensor(shape, 3, 1, 1));
    for (float& value : level.gradient.span()) value = -std::abs(value);
    expect_like_whole_maps(level, random_tensor(shape, 4, 0, 1));
  }
}

TEST_P(GapReduceTest, AWindowOutsideTheMapHasNothing) {
  Level level = random_level({1, 2, 20, 20, 2, 1, {1, 1, 0}, {3, 1, 1}}, 1);
  level.places.data()[0].y = 40;
  level.places.data()[1].x = -9;
  std::ranges::fill(level.gradient.span(), 0.0f);
  const GapResult found = reduce(level, random_tensor({1, 2, 20, 20}, 2, 1, 1));
  EXPECT_TRUE(same_bits(found.alpha, floats({2, 2}, {0, 0, 0, 0})));
  EXPECT_TRUE(same_bits(found.position, indices({2, 2}, {-1, -1, -1, -1})));
  EXPECT_TRUE(same_bits(found.max_gradient, floats({2, 2}, {0, 0, 0, 0})));
}

TEST_P(GapReduceTest, MatchesPyTorch) {
  const GoldenFile golden;
  for (const std::string name : {"gap_reduce.5x7.", "gap_reduce.16x17."}) {
    SCOPED_TRACE(name);
    const GapResult found =
        reduce(golden.floats(name + "gradient"), golden.floats(name + "feature"));
    EXPECT_TRUE(near(found.alpha, golden.floats(name + "alpha"), tolerance::dot_product));
    EXPECT_TRUE(near(found.peak, golden.floats(name + "peak"), tolerance::few_roundings));
    EXPECT_TRUE(same_bits(found.position, golden.indices(name + "position")));
    EXPECT_TRUE(
        near(found.mean_gradient, golden.floats(name + "mean_gradient"), tolerance::dot_product));
    EXPECT_TRUE(same_bits(found.max_gradient, golden.floats(name + "max_gradient")));
  }
}

TEST_P(GapReduceTest, OtherExtentsAreRefused) {
  const PlaceTensor places(GetParam(), {2});
  WindowBatch gradient = batch_of(whole_window(4, 5), places, empty({3, 2, 4, 5}));
  GapResult result(GetParam(), 2, 3), wrong(GetParam(), 3, 2);
  EXPECT_THROW(gap_reduce(context(), gradient, empty({1, 3, 4, 5}), wrong), Error);
  EXPECT_THROW(gap_reduce(context(), gradient, empty({1, 2, 4, 5}), result), Error);
  EXPECT_THROW(gap_reduce(context(), gradient, empty({1, 3, 5, 4}), result), Error);
  EXPECT_THROW(gap_reduce(context(), gradient, empty({3, 20}), result), Error);
  gradient.one_hot = true;
  EXPECT_THROW(gap_reduce(context(), gradient, empty({1, 3, 4, 5}), result), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, GapReduceTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
