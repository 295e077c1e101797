/// normalise_image: every value's bits, the order of the planes, any size.
#include "kernels/map/normalise_image.h"

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using ByteTensor = TensorOf<uint8_t>;

const ChannelScale imagenet{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};

ByteTensor random_pixels(const Shape& shape, uint64_t seed) {
  ByteTensor result({}, shape);
  Random random(seed);
  for (uint8_t& value : result.span()) value = static_cast<uint8_t>(random.bits());
  return result;
}

class NormaliseImageTest : public OnDevice {
 protected:
  Tensor normalised(const ByteTensor& image, const ChannelScale& scale) const {
    const Shape& shape = image.shape();
    Tensor result = empty({shape[0], 3, shape[1], shape[2]});
    normalise_image(context(), to_device(image), scale, result);
    return to_host(result);
  }
};

/// Each step in a variable of its own: rounded to float.
float by_steps(uint8_t value, const ChannelScale& scale, size_t channel) {
  const volatile float unit = static_cast<float>(value) / 255.0f;
  const volatile float centred = unit - scale.mean[channel];
  return centred / scale.std[channel];
}

TEST_P(NormaliseImageTest, EveryValueHasTheBitsOfThreeRoundings) {
  ByteTensor image({}, {1, 16, 16, 3});
  for (int i = 0; i < 768; ++i) image.data()[i] = static_cast<uint8_t>(i / 3);
  const Tensor found = normalised(image, imagenet);
  for (size_t c = 0; c < 3; ++c) {
    for (size_t v = 0; v < 256; ++v) {
      EXPECT_EQ(found.data()[c * 256 + v], by_steps(static_cast<uint8_t>(v), imagenet, c));
    }
  }
}

TEST_P(NormaliseImageTest, PixelsBecomePlanesAtAnySize) {
  for (const Shape& shape : {Shape{1, 1, 1, 3}, Shape{1, 1, 31, 3}, Shape{1, 33, 1, 3},
                             Shape{3, 7, 5, 3}, Shape{2, 17, 19, 3}, Shape{2, 36, 35, 3}}) {
    SCOPED_TRACE(shape);
    const ByteTensor image = random_pixels(shape, 1);
    const Tensor found = normalised(image, imagenet);
    const int64_t pixels = shape[1] * shape[2];
    for (int64_t i = 0; i < image.elements(); ++i) {
      const int64_t n = i / (pixels * 3), pixel = i / 3 % pixels, c = i % 3;
      ASSERT_EQ(found.data()[(n * 3 + c) * pixels + pixel],
                by_steps(image.data()[i], imagenet, static_cast<size_t>(c)))
          << "byte " << i;
    }
  }
}

TEST_P(NormaliseImageTest, PixelsMayBeginAnywhere) {
  const ByteTensor bytes = random_pixels({8 * 8 * 3 + 1}, 1);
  ByteTensor there = to_device(bytes);
  const ByteTensor shifted(GetParam(), {1, 8, 8, 3}, there.data() + 1);
  Tensor result = empty({1, 3, 8, 8});
  normalise_image(context(), shifted, imagenet, result);
  EXPECT_EQ(to_host(result).data()[0], by_steps(bytes.data()[1], imagenet, 0));
  EXPECT_EQ(to_host(result).data()[191], by_steps(bytes.data()[192], imagenet, 2));
}

TEST_P(NormaliseImageTest, OtherExtentsAreRefused) {
  const ByteTensor image(GetParam(), {1, 4, 5, 3}), grey(GetParam(), {1, 4, 5, 1});
  const ByteTensor flat(GetParam(), {4, 5, 3});
  Tensor result = empty({1, 3, 4, 5}), wrong = empty({1, 3, 5, 4});
  EXPECT_THROW(normalise_image(context(), image, imagenet, wrong), Error);
  EXPECT_THROW(normalise_image(context(), grey, imagenet, result), Error);
  EXPECT_THROW(normalise_image(context(), flat, imagenet, result), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, NormaliseImageTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
