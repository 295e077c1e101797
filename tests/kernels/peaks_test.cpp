/// find_peaks against a plain loop, with what is not finite.
#include "kernels/map/peaks.h"

#include <limits>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class PeaksTest : public OnDevice {
 protected:
  /// Of each of the arrays.
  std::vector<float> peaks(const std::vector<Tensor>& arrays) const {
    std::vector<Tensor> there;
    std::vector<PeakSource> sources;
    for (const Tensor& array : arrays) {
      there.push_back(to_device(array));
      sources.push_back({there.back().data(), array.elements()});
    }
    const Shape count{std::ssize(arrays)};
    Tensor result = to_device(random_tensor(count, 9, 100, 200));
    find_peaks(context(), to_device(tensor_of(count, sources)), result);
    const Tensor host = to_host(result);
    return {host.span().begin(), host.span().end()};
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, PeaksTest, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(PeaksTest, MatchAPlainLoop) {
  std::vector<Tensor> arrays;
  std::vector<float> expected;
  for (const int64_t size : {1, 3, 31, 257, 40000, 70001}) {
    arrays.push_back(random_tensor({size}, static_cast<uint64_t>(size), -3, 2));
    float largest = 0;
    for (const float value : arrays.back().span()) largest = std::max(largest, std::fabs(value));
    expected.push_back(largest);
  }
  EXPECT_EQ(peaks(arrays), expected);
}

TEST_P(PeaksTest, OfZerosAndOfNothingAreZero) {
  std::vector<Tensor> arrays;
  arrays.push_back(floats({3}, {0, -0.0f, 0}));
  EXPECT_EQ(peaks(arrays), std::vector<float>{0});
  Tensor result = to_device(floats({1}, {5}));
  find_peaks(context(), to_device(tensor_of(Shape{1}, std::vector<PeakSource>(1))), result);
  EXPECT_EQ(to_host(result).data()[0], 0);
}

TEST_P(PeaksTest, InfinityIsAboveAllNumbersAndNaNAboveInfinity) {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  const float most = std::numeric_limits<float>::max();
  std::vector<Tensor> arrays;
  arrays.push_back(floats({3}, {most, -infinity, 1}));
  arrays.push_back(floats({3}, {-nan, infinity, 1}));
  arrays.push_back(floats({3}, {1, -most, nan}));
  const std::vector<float> found = peaks(arrays);
  EXPECT_EQ(found[0], infinity);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_TRUE(std::isnan(found[2]));
}

}  // namespace
}  // namespace hdecomp::op_testing
