/// activation_maps (Eq. 3) against gradients written out over whole maps.
#include "kernels/gap/activation_maps.h"

#include "tests/support/window_levels.h"

namespace hdecomp::op_testing {
namespace {

class ActivationMapsTest : public OnDevice {
 protected:
  /// Of the level's upper gradients.
  Tensor maps(const Level& level, const Tensor& feature, const IndexTensor& channels) const {
    const PlaceTensor places = to_device(level.places);
    Tensor result = to_device(random_tensor(
        {channels.shape()[0], channels.shape()[1], level.above.y.map, level.above.x.map}, 99, 7,
        8));  // all of it is to be written
    activation_maps(context(), batch_of(level, places, to_device(level.gradient)),
                    to_device(feature), to_device(channels), result);
    return to_host(result);
  }

  static WindowBatch batch_of(const Level& level, const PlaceTensor& places, Tensor gradient) {
    WindowBatch batch;
    batch.window = level.above;
    batch.places = {places.data(), static_cast<size_t>(places.elements())};
    batch.data = std::move(gradient);
    batch.channels = level.channels_above;
    return batch;
  }
};

/// N channels for each decision: any, in any order, and some -1.
IndexTensor some_channels(int64_t decisions, int64_t n, int64_t channels) {
  IndexTensor result({}, {decisions, n});
  Random random(5);
  for (int32_t& c : result.span()) c = static_cast<int32_t>(random.bits() % (channels + 1)) - 1;
  return result;
}

Tensor expected_maps(const Level& level, const Tensor& feature, const IndexTensor& channels) {
  const int64_t n = channels.shape()[1], height = level.above.y.map, width = level.above.x.map;
  Tensor result({}, {channels.shape()[0], n, height, width});
  std::ranges::fill(result.span(), 0.0f);
  for (int64_t i = 0; i < channels.elements(); ++i) {
    const int64_t c = channels.data()[i], image = level.places.data()[i / n].image;
    if (c < 0 || image < 0) continue;
    const Map gradient = map_above(level, i / n);
    for (int64_t cell = 0; cell < height * width; ++cell) {
      const float g = static_cast<float>(gradient.values[c * height * width + cell]);
      result.data()[i * height * width + cell] =
          g * feature.data()[(image * level.channels_above + c) * height * width + cell];
    }
  }
  return result;
}

TEST_P(ActivationMapsTest, WindowsAreWrittenOutOverTheMap) {
  const std::vector<LevelPlan> plans{
      {1, 1, 9, 9, 1, 1, {1, 1, 0}, {1, 1, 0}},      // the decision alone
      {2, 6, 14, 14, 5, 1, {1, 1, 0}, {3, 1, 1}},    // leave the map by one; in fours
      {3, 7, 29, 31, 3, 1, {1, 1, 0}, {7, 2, 3}},    // in ones
      {2, 5, 40, 38, 2, 1, {1, 1, 0}, {31, 1, 15}},  // mostly outside; more than a block
      {2, 9, 7, 7, 33, 1, {1, 1, 0}, {9, 1, 1}},     // whole
      {2, 4, 1, 8, 3, 1, {1, 1, 0}, {1, 1, 0}}};     // a single row
  for (const LevelPlan& plan : plans) {
    SCOPED_TRACE(joined(plan.upper.size, " in ", plan.height, " x ", plan.width));
    Level level = random_level(plan, 1);
    const int64_t area = level.above.area();
    for (int64_t i = 0; i < level.gradient.elements(); ++i) {  // where no decision is: never read
      const int64_t d = i / area % plan.decisions;
      if (level.places.data()[d].image < 0) level.gradient.data()[i] = 3;
    }
    const Tensor feature =
        random_tensor({plan.images, plan.channels_above, plan.height, plan.width}, 2);
    for (const int64_t n : {1, 3}) {
      const IndexTensor channels = some_channels(plan.decisions, n, plan.channels_above);
      // Zeros may differ in sign.
      EXPECT_TRUE(near(maps(level, feature, channels), expected_maps(level, feature, channels), 0));
    }
  }
}

TEST_P(ActivationMapsTest, MatchesAHandWorkedCase) {
  Level level = random_level({1, 1, 3, 3, 2, 1, {1, 1, 0}, {2, 1, 0}}, 1);
  level.places.data()[0] = {0, 1, 0, 0};  // its window: rows 1 and 2, columns 0 and 1
  level.gradient = floats({2, 1, 2, 2}, {9, 9, 9, 9, 1, 2, 3, 4});
  Tensor feature = random_tensor({1, 2, 3, 3}, 2, 2, 2);
  feature.data()[9 + 7] = 0.5f;
  EXPECT_TRUE(near(maps(level, feature, indices({1, 2}, {1, -1})),
                   floats({1, 2, 3, 3}, {0, 0, 0, 2, 4, 0, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
                   0));
}

TEST_P(ActivationMapsTest, OtherExtentsAreRefused) {
  const Level level = random_level({2, 3, 9, 9, 4, 1, {1, 1, 0}, {3, 1, 1}}, 1);
  WindowBatch batch = batch_of(level, level.places, empty(level.gradient.shape()));
  const Tensor feature = empty({2, 4, 9, 9});
  const IndexTensor channels = empty_indices({3, 2});
  Tensor maps = empty({3, 2, 9, 9}), wrong = empty({2, 3, 9, 9});
  EXPECT_THROW(activation_maps(context(), batch, feature, channels, wrong), Error);
  EXPECT_THROW(activation_maps(context(), batch, empty({2, 5, 9, 9}), channels, maps), Error);
  EXPECT_THROW(activation_maps(context(), batch, feature, empty_indices({2, 2}), maps), Error);
  EXPECT_THROW(activation_maps(context(), batch, feature, empty_indices({6}), maps), Error);
  batch.one_hot = true;
  EXPECT_THROW(activation_maps(context(), batch, feature, channels, maps), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ActivationMapsTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
