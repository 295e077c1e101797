/// largest_magnitudes against a plain loop, with what is not finite.
#include "kernels/map/largest_magnitudes.h"

#include <limits>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class LargestMagnitudesTest : public OnDevice {
 protected:
  /// Of each of the arrays.
  std::vector<float> magnitudes(const std::vector<Tensor>& arrays) const {
    std::vector<Tensor> there;
    std::vector<FloatArray> sources;
    for (const Tensor& array : arrays) {
      there.push_back(to_device(array));
      sources.push_back({there.back().data(), array.elements()});
    }
    const Shape count{std::ssize(arrays)};
    Tensor result = to_device(random_tensor(count, 9, 100, 200));
    largest_magnitudes(context(), to_device(tensor_of(count, sources)), result);
    const Tensor host = to_host(result);
    return {host.span().begin(), host.span().end()};
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, LargestMagnitudesTest, ::testing::ValuesIn(test_devices()),
                         device_name);

TEST_P(LargestMagnitudesTest, MatchAPlainLoop) {
  std::vector<Tensor> arrays;
  std::vector<float> expected;
  for (const int64_t size : {1, 3, 31, 257, 40000, 70001}) {
    arrays.push_back(random_tensor({size}, static_cast<uint64_t>(size), -3, 2));
    float largest = 0;
    for (const float value : arrays.back().span()) largest = std::max(largest, std::fabs(value));
    expected.push_back(largest);
  }
  EXPECT_EQ(magnitudes(arrays), expected);
}

TEST_P(LargestMagnitudesTest, OfZerosAndOfNothingAreZero) {
  std::vector<Tensor> arrays;
  arrays.push_back(floats({3}, {0, -0.0f, 0}));
  EXPECT_EQ(magnitudes(arrays), std::vector<float>{0});
  Tensor result = to_device(floats({1}, {5}));
  largest_magnitudes(context(), to_device(tensor_of(Shape{1}, std::vector<FloatArray>(1))), result);
  EXPECT_EQ(to_host(result).data()[0], 0);
}

TEST_P(LargestMagnitudesTest, InfinityIsAboveAllNumbersAndNaNAboveInfinity) {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  const float most = std::numeric_limits<float>::max();
  std::vector<Tensor> arrays;
  arrays.push_back(floats({3}, {most, -infinity, 1}));
  arrays.push_back(floats({3}, {-nan, infinity, 1}));
  arrays.push_back(floats({3}, {1, -most, nan}));
  const std::vector<float> found = magnitudes(arrays);
  EXPECT_EQ(found[0], infinity);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_TRUE(std::isnan(found[2]));
}

}  // namespace
}  // namespace hdecomp::op_testing
