/// The op tests' shared helpers.
#include "tests/support/op_testing.h"

#include <algorithm>
#include <cmath>

namespace hdecomp::op_testing {
namespace {

template <class Expected>
::testing::AssertionResult near_values(std::span<const float> actual,
                                       std::span<const Expected> expected, double tolerance) {
  if (actual.size() != expected.size()) {
    return ::testing::AssertionFailure()
           << actual.size() << " elements, expected " << expected.size();
  }
  double most = 0;
  for (const Expected value : expected) most = std::max(most, std::abs(double{value}));
  for (size_t i = 0; i < actual.size(); ++i) {
    if (!(std::abs(double{actual[i]} - expected[i]) <= tolerance * most)) {
      return ::testing::AssertionFailure()
             << "element " << i << " is " << actual[i] << ", expected " << expected[i] << " within "
             << tolerance << " of the largest, " << most;
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace

std::vector<Device> test_devices() {
  return {
      parse_device("cpu"),
      parse_device("cuda:0"),
  };
}

std::vector<Device> other_devices() {
  std::vector<Device> devices = test_devices();
  std::erase(devices, Device{});
  return devices;
}

Tensor random_tensor(const Shape& shape, uint64_t seed, float low, float high) {
  Tensor result({}, shape);
  Random random(seed);
  for (float& value : result.span()) value = low + (high - low) * random.unit();
  return result;
}

Tensor spread_tensor(const Shape& shape, uint64_t seed, float gap) {
  Tensor result({}, shape);
  const std::span<float> values = result.span();
  const float middle = static_cast<float>(values.size()) / 2 + 0.25f;  // 0 itself is not a value
  for (size_t i = 0; i < values.size(); ++i) values[i] = gap * (static_cast<float>(i) - middle);
  Random random(seed);
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.bits() % i]);
  return result;
}

Tensor floats(const Shape& shape, const std::vector<float>& values) {
  return tensor_of(shape, values);
}

IndexTensor indices(const Shape& shape, const std::vector<int32_t>& values) {
  return tensor_of(shape, values);
}

bool gpu_must_be_there = false;

void skip_unless_there(Device device) {
  if (device == Device{}) return;
  if (std::ranges::count(usable_gpus(), device) > 0) return;
  ASSERT_FALSE(gpu_must_be_there) << to_string(device) << " is not there";
  GTEST_SKIP() << "no " << to_string(device) << " on this machine";
}

std::string device_name(const ::testing::TestParamInfo<Device>& info) {
  std::string name = to_string(info.param);
  std::ranges::replace(name, ':', '_');
  return name;
}

void OnDevice::SetUp() {
  skip_unless_there(GetParam());
  if (!IsSkipped() && !HasFatalFailure()) context_.emplace(GetParam(), 2);
}

::testing::AssertionResult near(std::span<const float> actual, std::span<const double> expected,
                                double tolerance) {
  return near_values(actual, expected, tolerance);
}
::testing::AssertionResult near(std::span<const float> actual, std::span<const float> expected,
                                double tolerance) {
  return near_values(actual, expected, tolerance);
}
::testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance) {
  if (actual.shape() != expected.shape()) {
    return ::testing::AssertionFailure() << actual.shape() << ", expected " << expected.shape();
  }
  return near(actual.span(), expected.span(), tolerance);
}

std::vector<double> central_differences(const HostOp& forward, const Tensor& x,
                                        const Tensor& cotangent, float step) {
  std::vector<double> result;
  Tensor moved = copy_tensor(x);
  for (int64_t i = 0; i < x.elements(); ++i) {
    const float up = x.data()[i] + step, down = x.data()[i] - step;
    moved.data()[i] = up;
    const Tensor above = forward(moved);
    moved.data()[i] = down;
    const Tensor below = forward(moved);
    moved.data()[i] = x.data()[i];
    double sum = 0;
    for (int64_t j = 0; j < cotangent.elements(); ++j) {
      sum += (double{above.data()[j]} - below.data()[j]) * cotangent.data()[j];
    }
    result.push_back(sum / (double{up} - down));
  }
  return result;
}

::testing::AssertionResult is_gradient(const Tensor& gradient, const HostOp& forward,
                                       const Tensor& x, const Tensor& cotangent, float step,
                                       double tolerance) {
  const std::vector<double> expected = central_differences(forward, x, cotangent, step);
  return near(gradient.span(), std::span<const double>(expected), tolerance);
}

}  // namespace hdecomp::op_testing
