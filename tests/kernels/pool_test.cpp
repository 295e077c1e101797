/// Max and adaptive average pooling against hand-worked values, central differences and
/// PyTorch.
#include "kernels/pool/pool.h"

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

PoolSpec square(int64_t kernel, int64_t stride, int64_t pad, Rounding rounding = Rounding::down) {
  return {kernel, kernel, stride, stride, pad, pad, rounding};
}

/// The cases of POOL_CASES in make_op_goldens.py.
struct PoolCase {
  std::string name;
  PoolSpec spec;
};
const std::vector<PoolCase>& pool_cases() {
  static const std::vector<PoolCase> cases{{"k2", square(2, 2, 0)},
                                           {"k3_stride2", square(3, 2, 0)},
                                           {"k3_stride2_pad1", square(3, 2, 1)},
                                           {"k3x2", {3, 2, 1, 2, 1, 0}}};
  return cases;
}

class PoolTest : public OnDevice {
 protected:
  struct Maxima {
    Tensor y;
    IndexTensor argmax;
  };
  Maxima max_pool(const PoolSpec& spec, const Tensor& x) const {
    const Shape out = pooled_shape(x.shape(), spec);
    Tensor y = empty(out);
    IndexTensor argmax = empty_indices(out);
    max_pool_forward(context(), spec, to_device(x), y, argmax);
    return {to_host(y), to_host(argmax)};
  }
  Tensor max_gradient(const PoolSpec& spec, const Tensor& dy, const IndexTensor& argmax,
                      const Shape& x) const {
    Tensor dx = empty(x);
    max_pool_backward(context(), spec, to_device(dy), to_device(argmax), dx);
    return to_host(dx);
  }
  Tensor adaptive(const Tensor& x, const Shape& out) const {
    Tensor y = empty(out);
    adaptive_avg_pool_forward(context(), to_device(x), y);
    return to_host(y);
  }
  Tensor adaptive_gradient(const Tensor& dy, const Shape& x) const {
    Tensor dx = empty(x);
    adaptive_avg_pool_backward(context(), to_device(dy), dx);
    return to_host(dx);
  }
};

/// The CPU's answers.
struct PoolOnCpu {
  Tensor max, max_gradient;
  IndexTensor argmax;

  PoolOnCpu(const PoolSpec& spec, const Tensor& x, const Tensor& dy)
      : max({}, dy.shape()), max_gradient({}, x.shape()), argmax({}, dy.shape()) {
    const Context context({}, 2);
    max_pool_forward(context, spec, x, max, argmax);
    max_pool_backward(context, spec, dy, argmax, max_gradient);
  }
};

TEST_P(PoolTest, MaxTakesTheFirstOfEqualsInRowMajorOrder) {
  const Tensor x = floats({1, 1, 3, 3}, {1, 5, 5, 5, 2, 0, -1, 5, 5});
  const auto [y, argmax] = max_pool(square(2, 1, 0), x);
  EXPECT_TRUE(same_bits(y, floats({1, 1, 2, 2}, {5, 5, 5, 5})));
  EXPECT_TRUE(same_bits(argmax, indices({1, 1, 2, 2}, {1, 1, 3, 7})));
  const Tensor dy = floats({1, 1, 2, 2}, {1, 2, 3, 4});  // windows 0 and 1 share their maximum
  EXPECT_TRUE(same_bits(max_gradient(square(2, 1, 0), dy, argmax, x.shape()),
                        floats({1, 1, 3, 3}, {0, 3, 0, 3, 0, 0, 0, 4, 0})));
}

TEST_P(PoolTest, MaxNeverTakesThePadding) {
  const Tensor x = floats({1, 2, 2, 2}, {-4, -3, -2, -1, -5, -6, -7, -8});
  const auto [y, argmax] = max_pool(square(3, 2, 1), x);
  EXPECT_TRUE(same_bits(y, floats({1, 2, 1, 1}, {-1, -5})));
  EXPECT_TRUE(same_bits(argmax, indices({1, 2, 1, 1}, {3, 0})));
}

TEST_P(PoolTest, RoundedUpTheLastKernelReachesBeyondTheMapButBeginsInIt) {
  const Tensor x = floats({1, 1, 2, 4}, {1, 2, 3, 4, 8, 7, 6, 5});
  const auto [y, argmax] = max_pool(square(3, 2, 1, Rounding::up), x);
  // Rows from -1 and 1; columns from -1, 1 and 3; none from 5 on.
  EXPECT_TRUE(same_bits(y, floats({1, 1, 2, 3}, {8, 7, 5, 8, 7, 5})));
  EXPECT_TRUE(same_bits(argmax, indices({1, 1, 2, 3}, {4, 5, 7, 4, 5, 7})));
  EXPECT_TRUE(same_bits(max_gradient(square(3, 2, 1, Rounding::up),
                                     floats({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}), argmax, x.shape()),
                        floats(x.shape(), {0, 0, 0, 0, 5, 7, 0, 9})));
}

TEST_P(PoolTest, DilatedAndUnevenlyPaddedMaximaAreThoseOfTheirTaps) {
  PoolSpec spec{3, 2, 2, 1, 2, 0};
  spec.far_h = -1, spec.far_w = 1, spec.dilation_h = 2, spec.dilation_w = 3;
  const Tensor x = spread_tensor({2, 3, 9, 8}, 7, 0.125f);
  const auto [y, argmax] = max_pool(spec, x);
  ASSERT_EQ(y.shape(), (Shape{2, 3, 4, 6}));
  const Tensor dy = random_tensor(y.shape(), 8);
  Tensor dx = copy_tensor(x);
  std::ranges::fill(dx.span(), 0.0f);
  for (int64_t at = 0; at < y.elements(); ++at) {
    const int64_t plane = at / 24, top = at / 6 % 4 * 2 - 2, left = at % 6;
    int64_t best = -1;
    for (int64_t r = top; r < top + 5; r += 2) {
      for (int64_t c = left; c < left + 4; c += 3) {
        if (r < 0 || r >= 9 || c >= 8) continue;
        const int64_t here = plane * 72 + r * 8 + c;
        if (best < 0 || x.data()[here] > x.data()[best]) best = here;
      }
    }
    ASSERT_EQ(y.data()[at], x.data()[best]) << at;
    ASSERT_EQ(argmax.data()[at], best % 72) << at;
    dx.data()[best] += dy.data()[at];
  }
  EXPECT_TRUE(near(max_gradient(spec, dy, argmax, x.shape()), dx, tolerance::few_roundings));
}

TEST_P(PoolTest, AdaptiveMeanMatchesHandWorkedCases) {
  const Tensor x = floats({1, 1, 1, 3}, {1, 2, 6});  // cells [0, 2) and [1, 3) overlap
  EXPECT_TRUE(same_bits(adaptive(x, {1, 1, 1, 2}), floats({1, 1, 1, 2}, {1.5f, 4})));
  EXPECT_TRUE(same_bits(adaptive_gradient(floats({1, 1, 1, 2}, {2, 4}), x.shape()),
                        floats({1, 1, 1, 3}, {1, 3, 2})));
  const Tensor one = floats({1, 1, 1, 1}, {5});  // a larger output repeats its input
  EXPECT_TRUE(same_bits(adaptive(one, {1, 1, 2, 3}), floats({1, 1, 2, 3}, {5, 5, 5, 5, 5, 5})));
  EXPECT_TRUE(same_bits(adaptive_gradient(floats({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}), one.shape()),
                        floats({1, 1, 1, 1}, {21})));
}

/// Terms that are all alike, whose roundings do not cancel.
TEST_P(PoolTest, AMeanOverALargeMapIsTheMean) {
  const Tensor x = floats({1, 1, 112, 112}, std::vector<float>(112 * 112, 1.0f / 3));
  EXPECT_TRUE(
      near(adaptive(x, {1, 1, 1, 1}), floats({1, 1, 1, 1}, {1.0f / 3}), tolerance::dot_product));
}

TEST_P(PoolTest, AdaptiveMeanToTheSameSizeIsTheIdentity) {
  const Tensor x = random_tensor({2, 3, 7, 7}, 1);
  EXPECT_TRUE(same_bits(adaptive(x, x.shape()), x));
  EXPECT_TRUE(same_bits(adaptive_gradient(x, x.shape()), x));
}

TEST_P(PoolTest, MaxMatchesPyTorch) {
  const GoldenFile golden;
  for (const auto& [name, spec] : pool_cases()) {
    SCOPED_TRACE(name);
    const auto get = [&, prefix = "pool." + name + "."](const char* tensor) {
      return golden.floats(prefix + tensor);
    };
    const Tensor x = get("x"), dy = get("dy");
    const auto [y, argmax] = max_pool(spec, x);
    EXPECT_TRUE(same_bits(y, get("max")));
    EXPECT_TRUE(same_bits(argmax, golden.indices("pool." + name + ".argmax")));
    EXPECT_TRUE(
        near(max_gradient(spec, dy, argmax, x.shape()), get("dx_max"), tolerance::few_roundings));
  }
}

TEST_P(PoolTest, AdaptiveMeanMatchesPyTorch) {
  const GoldenFile golden;
  for (const std::string name :
       {"7_to_7", "3_to_2", "5_to_3", "13_to_6", "1_to_7", "3_to_7", "5x8_to_7x3", "global"}) {
    SCOPED_TRACE(name);
    const std::string at = "adaptive." + name + ".";
    const Tensor x = golden.floats(at + "x"), y = golden.floats(at + "y");
    EXPECT_TRUE(near(adaptive(x, y.shape()), y, tolerance::few_roundings));
    EXPECT_TRUE(near(adaptive_gradient(golden.floats(at + "dy"), x.shape()),
                     golden.floats(at + "dx"), tolerance::few_roundings));
  }
}

TEST_P(PoolTest, GradientsMatchCentralDifferences) {
  constexpr float gap = 0.125f, step = 0x1p-5f;  // a step changes no maximum's place
  const Tensor x = spread_tensor({2, 2, 7, 6}, 1, gap);
  for (const auto& [name, given] : pool_cases()) {
    SCOPED_TRACE(name);
    const PoolSpec spec = given;
    const Tensor cotangent = random_tensor(pooled_shape(x.shape(), spec), 2);
    const Maxima maxima = max_pool(spec, x);
    EXPECT_TRUE(is_gradient(
        max_gradient(spec, cotangent, maxima.argmax, x.shape()),
        [&](const Tensor& moved) { return max_pool(spec, moved).y; }, x, cotangent, step,
        tolerance::linear_difference));
  }
}

TEST_P(PoolTest, AdaptiveGradientMatchesCentralDifferences) {
  const Tensor x = random_tensor({2, 2, 5, 4}, 1);
  for (const Shape& out : {Shape{2, 2, 3, 3}, Shape{2, 2, 7, 7}, Shape{2, 2, 1, 1}}) {
    SCOPED_TRACE(out);
    const Tensor cotangent = random_tensor(out, 2);
    EXPECT_TRUE(is_gradient(
        adaptive_gradient(cotangent, x.shape()),
        [&](const Tensor& moved) { return adaptive(moved, out); }, x, cotangent, 1,
        tolerance::linear_difference));
  }
}

TEST_P(PoolTest, EveryDeviceAnswersLikeTheCpu) {
  const std::vector<std::pair<Shape, PoolSpec>> cases{
      {{1, 1, 1, 1}, square(1, 1, 0)},
      {{2, 3, 31, 33}, square(2, 2, 0)},
      {{1, 5, 17, 19}, square(3, 2, 1)},
      {{2, 2, 13, 7}, square(3, 1, 2)},
      {{2, 3, 16, 22}, square(3, 2, 1)},
      {{1, 3, 15, 18}, square(3, 2, 0)},
      {{1, 2, 12, 10}, square(4, 2, 1)},
      {{2, 2, 14, 12}, square(2, 2, 1)},
      {{1, 7, 11, 13}, square(2, 5, 1)},
      {{1, 2, 23, 29}, {5, 9, 3, 2, 4, 0}},
      {{3, 1, 37, 41}, square(11, 4, 10)},
      {{1, 129, 3, 3}, square(3, 1, 0)},
      {{1, 3, 14, 13}, square(3, 2, 0, Rounding::up)},
      {{2, 2, 13, 15}, square(2, 2, 0, Rounding::up)},
      {{1, 2, 12, 10}, square(4, 3, 1, Rounding::up)},
      {{1, 2, 9, 8}, square(2, 5, 1, Rounding::up)}};
  for (const auto& [shape, spec] : cases) {
    SCOPED_TRACE(joined(shape, ", kernel ", spec.kernel_h, " x ", spec.kernel_w));
    Tensor x = random_tensor(shape, 1);
    for (float& value : x.span()) value = std::round(value * 3) / 3;  // ties everywhere
    const Tensor dy = random_tensor(pooled_shape(shape, spec), 2);
    const PoolOnCpu expected(spec, x, dy);
    const auto [y, argmax] = max_pool(spec, x);
    EXPECT_TRUE(same_bits(y, expected.max));
    EXPECT_TRUE(same_bits(argmax, expected.argmax));
    EXPECT_TRUE(same_bits(max_gradient(spec, dy, argmax, shape), expected.max_gradient));
  }
}

TEST_P(PoolTest, EveryDeviceAveragesLikeTheCpu) {
  for (const auto& [shape, out] :
       std::vector<std::pair<Shape, Shape>>{{{1, 3, 31, 33}, {1, 3, 7, 7}},
                                            {{2, 3, 7, 7}, {2, 3, 1, 1}},
                                            {{3, 67, 1, 2}, {3, 67, 1, 1}},
                                            {{1, 5, 31, 37}, {1, 5, 1, 1}},
                                            {{1, 2, 53, 101}, {1, 2, 2, 1}},
                                            {{1, 300, 1, 1}, {1, 300, 3, 2}},
                                            {{1, 1, 17, 19}, {1, 1, 16, 23}}}) {
    SCOPED_TRACE(joined(shape, " to ", out));
    const Tensor x = random_tensor(shape, 1), dy = random_tensor(out, 2);
    Tensor y({}, out), dx({}, shape);
    const Context cpu({}, 2);
    adaptive_avg_pool_forward(cpu, x, y);
    adaptive_avg_pool_backward(cpu, dy, dx);
    EXPECT_TRUE(near(adaptive(x, out), y, tolerance::dot_product));
    EXPECT_TRUE(near(adaptive_gradient(dy, shape), dx, tolerance::few_roundings));
  }
}

TEST_P(PoolTest, KernelsThatDoNotFitAreRefused) {
  const Shape x{1, 1, 4, 4};
  EXPECT_THROW(pooled_shape(x, square(5, 1, 0)), Error);
  EXPECT_THROW(pooled_shape(x, square(2, 0, 0)), Error);
  EXPECT_THROW(pooled_shape(x, square(0, 1, 0)), Error);
  EXPECT_THROW(pooled_shape(x, square(2, 1, -1)), Error);
  EXPECT_THROW(pooled_shape(x, square(2, 1, 2)), Error);  // windows of padding alone
  EXPECT_THROW(pooled_shape({4, 4}, square(2, 1, 0)), Error);
  EXPECT_EQ(pooled_shape({2, 3, 7, 6}, square(3, 2, 1)), Shape({2, 3, 4, 3}));
  EXPECT_EQ(pooled_shape({2, 3, 7, 6}, square(3, 2, 0, Rounding::up)), Shape({2, 3, 3, 3}));
  EXPECT_EQ(pooled_shape({2, 3, 7, 6}, square(2, 2, 1, Rounding::up)), Shape({2, 3, 4, 4}));
}

TEST_P(PoolTest, OtherExtentsAreRefused) {
  const PoolSpec spec = square(2, 2, 0);
  Tensor x = empty({1, 2, 4, 4}), y = empty({1, 2, 2, 2}), wrong = empty({1, 2, 3, 2});
  IndexTensor argmax = empty_indices({1, 2, 2, 2}), wrong_argmax = empty_indices({1, 1, 2, 2});
  EXPECT_THROW(max_pool_forward(context(), spec, x, wrong, argmax), Error);
  EXPECT_THROW(max_pool_forward(context(), spec, x, y, wrong_argmax), Error);
  EXPECT_THROW(max_pool_backward(context(), spec, wrong, argmax, x), Error);
  EXPECT_THROW(max_pool_backward(context(), spec, y, wrong_argmax, x), Error);
  Tensor other_channels = empty({1, 3, 2, 2}), none = empty({1, 2, 0, 2}), flat = empty({1, 2});
  EXPECT_THROW(adaptive_avg_pool_forward(context(), x, other_channels), Error);
  EXPECT_THROW(adaptive_avg_pool_forward(context(), x, none), Error);
  EXPECT_THROW(adaptive_avg_pool_forward(context(), none, y), Error);
  EXPECT_THROW(adaptive_avg_pool_backward(context(), flat, x), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, PoolTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
