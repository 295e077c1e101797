/// What all op tests share: devices, seeded tensors, tolerances, comparisons and central
/// differences.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "kernels/core/context.h"
#include "kernels/core/copy.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// How GoogleTest shows a test's device.
inline void PrintTo(const Device& device, std::ostream* out) { *out << to_string(device); }

}  // namespace hdecomp

namespace hdecomp::op_testing {

/// The devices that every op test runs on: one more line here is one more device for all of them.
std::vector<Device> test_devices();

/// Those whose results are compared with the CPU's.
std::vector<Device> other_devices();

/// The largest errors allowed, each relative to the largest expected value.
namespace tolerance {
/// A float32 product sum of K terms in any order against the same in float64: about sqrt(K) *
/// 2^-24, K up to some hundreds here.
constexpr double dot_product = 3e-6;
/// A mean, an exp or a quotient: a few roundings of 2^-24 each.
constexpr double few_roundings = 1e-6;
/// Central differences of a linear or piecewise linear op, exact but for the float32 rounding of
/// both outputs, which the division by a step of 2^-5 or more makes up to 32 times larger.
constexpr double linear_difference = 1e-4;
/// Central differences of a smooth op with steps of 2^-6: step^2 / 6 from the third derivative and
/// 2^-24 / step from rounding, some 1e-5 each.
constexpr double smooth_difference = 2e-4;
}  // namespace tolerance

/// SplitMix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0xD1B54A32D192ED03u) {}
  uint64_t bits() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, 1), a multiple of 2^-24.
  float unit() { return static_cast<float>(bits() >> 40) * 0x1p-24f; }

 private:
  uint64_t state_;
};

/// Tensors of these helpers are on the CPU: "host" tensors.
Tensor random_tensor(const Shape& shape, uint64_t seed, float low = -1, float high = 1);

/// A random order of values that differ by `gap` or more and lie around 0: no ties, no near ties.
Tensor spread_tensor(const Shape& shape, uint64_t seed, float gap);

template <class T>
TensorOf<T> tensor_of(const Shape& shape, const std::vector<T>& values) {
  TensorOf<T> result({}, shape);
  if (std::ssize(values) != shape.elements())
    throw Error(joined(values.size(), " values for ", shape));
  std::ranges::copy(values, result.data());
  return result;
}
Tensor floats(const Shape& shape, const std::vector<float>& values);
IndexTensor indices(const Shape& shape, const std::vector<int32_t>& values);

/// A copy of a host tensor.
template <class T>
TensorOf<T> copy_tensor(const TensorOf<T>& from) {
  TensorOf<T> result({}, from.shape());
  std::ranges::copy(from.span(), result.data());
  return result;
}

/// Whether this program must find its GPU: where it is emulated. Without one its tests fail, not
/// skip.
extern bool gpu_must_be_there;

/// Skips the test, with the reason, on a machine without the device: for SetUp().
void skip_unless_there(Device device);

/// A test on each device, with a context; skipped with the reason where the device is not to be
/// had.
class OnDevice : public ::testing::TestWithParam<Device> {
 protected:
  void SetUp() override;

  const Context& context() const { return *context_; }
  Tensor empty(const Shape& shape) const { return {GetParam(), shape}; }
  IndexTensor empty_indices(const Shape& shape) const { return {GetParam(), shape}; }
  template <class T>
  TensorOf<T> to_device(const TensorOf<T>& host) const {
    return copied_to(GetParam(), context(), host);
  }
  template <class T>
  TensorOf<T> to_host(const TensorOf<T>& tensor) const {
    return copied_to(Device{}, context(), tensor);
  }

 private:
  std::optional<Context> context_;
};

/// "cpu", "cuda_0": the test's name on each device.
std::string device_name(const ::testing::TestParamInfo<Device>& info);

/// Whether max |actual - expected| <= tolerance * max |expected|; never if a value is NaN.
::testing::AssertionResult near(std::span<const float> actual, std::span<const double> expected,
                                double tolerance);
::testing::AssertionResult near(std::span<const float> actual, std::span<const float> expected,
                                double tolerance);
::testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance);

/// Whether shapes and all bits are equal: for indices, exact floats and determinism.
template <class T>
::testing::AssertionResult same_bits(const TensorOf<T>& actual, const TensorOf<T>& expected) {
  if (actual.shape() != expected.shape()) {
    return ::testing::AssertionFailure() << actual.shape() << ", expected " << expected.shape();
  }
  int64_t differing = 0, first = -1;
  for (int64_t i = 0; i < actual.elements(); ++i) {
    if (std::memcmp(actual.data() + i, expected.data() + i, sizeof(T)) == 0) continue;
    if (differing++ == 0) first = i;
  }
  if (differing == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << differing << " of " << actual.elements() << " elements differ; element " << first
         << " is " << actual.data()[first] << ", expected " << expected.data()[first];
}

using HostOp = std::function<Tensor(const Tensor&)>;

/// d<cotangent, forward(x)> / dx, element by element: (f(x + step e) - f(x - step e)) / (2 step),
/// with the sums in double.
std::vector<double> central_differences(const HostOp& forward, const Tensor& x,
                                        const Tensor& cotangent, float step);

/// Whether `gradient`, an op's backward(cotangent) at x, agrees with the central differences.
::testing::AssertionResult is_gradient(const Tensor& gradient, const HostOp& forward,
                                       const Tensor& x, const Tensor& cotangent, float step,
                                       double tolerance);

}  // namespace hdecomp::op_testing
