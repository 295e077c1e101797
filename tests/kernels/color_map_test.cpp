/// color_map: the colours at the ends and between, values that are none, any size.
#include "kernels/map/color_map.h"

#include <limits>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using ByteTensor = TensorOf<uint8_t>;

ByteTensor bytes(const Shape& shape, const std::vector<uint8_t>& values) {
  return tensor_of(shape, values);
}

class ColorMapTest : public OnDevice {
 protected:
  ByteTensor blended(const Tensor& map, const ByteTensor& view) const {
    const Shape& shape = map.shape();
    ByteTensor result(GetParam(), {shape[0], shape[1], shape[2], 3});
    color_map(context(), to_device(map), to_device(view), result);
    return to_host(result);
  }
};

/// The contract in plain words.
uint8_t blend(float value, uint8_t pixel, size_t channel) {
  const float v = value > 0 ? std::min(value, 1.0f) : 0.0f;
  const float share = std::fma(strongest_colour - faintest_colour, v, faintest_colour);
  const auto under = static_cast<float>(pixel);
  return static_cast<uint8_t>(
      std::lround(std::fma(static_cast<float>(jet(v)[channel]) - under, share, under)));
}

void expect_plainly_blended(const ByteTensor& found, const Tensor& map, const ByteTensor& view) {
  for (int64_t i = 0; i < found.elements(); ++i) {
    const uint8_t pixel = view.data()[i % view.elements()];
    ASSERT_EQ(int{found.data()[i]}, int{blend(map.data()[i / 3], pixel, i % 3)}) << "byte " << i;
  }
}

TEST_P(ColorMapTest, GoesFromALittleBlueToMuchRed) {
  const ByteTensor view = bytes({1, 3, 3}, {100, 100, 100, 100, 100, 100, 100, 100, 100});
  const ByteTensor found = blended(floats({1, 1, 3}, {0, 0.5f, 1}), view);
  // A quarter of (0, 0, 128), 0.475 of (128, 255, 128), 0.7 of (128, 0, 0).
  EXPECT_TRUE(same_bits(found, bytes({1, 1, 3, 3}, {75, 75, 107, 113, 174, 113, 120, 30, 30})));
}

TEST_P(ColorMapTest, ValuesOutsideCountAsTheNearerEnd) {
  const float infinity = std::numeric_limits<float>::infinity();
  ByteTensor view({}, {1, 6, 3});
  std::ranges::fill(view.span(), uint8_t{200});
  const ByteTensor found =
      blended(floats({1, 1, 6}, {-1, -infinity, std::nanf(""), 2, infinity, -0.0f}), view);
  const ByteTensor expected = blended(floats({1, 1, 6}, {0, 0, 0, 1, 1, 0}), view);
  EXPECT_TRUE(same_bits(found, expected));
}

TEST_P(ColorMapTest, ManyMapsOverOneViewAtAnySize) {
  for (const Shape& shape :
       {Shape{1, 1, 1}, Shape{3, 1, 31}, Shape{2, 33, 1}, Shape{2, 17, 19}, Shape{3, 36, 34}}) {
    SCOPED_TRACE(shape);
    const Tensor map = random_tensor(shape, 1, -0.1f, 1.1f);
    ByteTensor view({}, {shape[1], shape[2], 3});
    Random random(2);
    for (uint8_t& value : view.span()) value = static_cast<uint8_t>(random.bits());
    expect_plainly_blended(blended(map, view), map, view);
  }
}

TEST_P(ColorMapTest, EveryStepOfEveryPixelValue) {
  Tensor map({}, {1, 256, 257});
  ByteTensor view({}, {256, 257, 3});
  for (int64_t i = 0; i < map.elements(); ++i) {
    map.data()[i] = static_cast<float>(i % 257) / 256;
    for (int64_t c = 0; c < 3; ++c) view.data()[i * 3 + c] = static_cast<uint8_t>(i / 257);
  }
  expect_plainly_blended(blended(map, view), map, view);
}

TEST_P(ColorMapTest, MayDrawIntoTheView) {
  const Tensor map = random_tensor({1, 4, 4}, 1, 0, 1);
  ByteTensor view({}, {4, 4, 3});
  std::ranges::fill(view.span(), uint8_t{50});
  ByteTensor there = to_device(view);
  ByteTensor same(GetParam(), {1, 4, 4, 3}, there.data());
  color_map(context(), to_device(map), there, same);
  EXPECT_TRUE(same_bits(to_host(same), blended(map, view)));
}

TEST_P(ColorMapTest, OtherExtentsAreRefused) {
  const Tensor map = empty({1, 4, 5}), flat = empty({4, 5});
  const ByteTensor view(GetParam(), {4, 5, 3}), wrong_view(GetParam(), {5, 4, 3});
  ByteTensor result(GetParam(), {1, 4, 5, 3}), wrong(GetParam(), {2, 4, 5, 3});
  EXPECT_THROW(color_map(context(), flat, view, result), Error);
  EXPECT_THROW(color_map(context(), map, wrong_view, result), Error);
  EXPECT_THROW(color_map(context(), map, view, wrong), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ColorMapTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
