/// The window ops of layers with weights, on every device.
#include <gtest/gtest.h>

#include "kernels/cell/cell_window_rows_cpu.h"
#include "tests/support/window_ops_testing.h"

namespace hdecomp {
namespace {

using namespace op_testing;

INSTANTIATE_TEST_SUITE_P(Devices, WindowOps, ::testing::ValuesIn(test_devices()), device_name);

WindowOp conv_op(const WindowKernel& kernel, int64_t groups) {
  return [=](const Context& context, const Tensor& weight, const WindowBatch& above,
             const GradientBelow& below) {
    conv_window_backward(context, weight, kernel, groups, above, below);
  };
}

SlowOp slow_conv(const WindowKernel& kernel, int64_t groups) {
  return [=](const Tensor& weight, int64_t, Map& above, Map& below) {
    const int64_t out = weight.shape()[0], group_in = weight.shape()[1], k = kernel.size;
    for (int64_t c = 0; c < out; ++c) {
      const int64_t first = c / (out / groups) * group_in;
      for (int64_t cell = 0; cell < above.height * above.width; ++cell) {
        const int64_t i = cell / above.width, j = cell % above.width;
        const double g = above.at(c, i, j);
        if (g == 0) continue;
        for (int64_t tap = 0; tap < k * k; ++tap) {
          const int64_t y = i * kernel.stride - kernel.pad + tap / k;
          const int64_t x = j * kernel.stride - kernel.pad + tap % k;
          if (y < 0 || y >= below.height || x < 0 || x >= below.width) continue;
          for (int64_t in = 0; in < group_in; ++in) {
            below.at(first + in, y, x) += g * weight.data()[(c * group_in + in) * k * k + tap];
          }
        }
      }
    }
  };
}

struct ConvCase {
  LevelPlan plan;
  int64_t groups = 1;
};

const ConvCase conv_cases[] = {
    {{1, 1, 31, 33, 2, 3, {3, 1, 1}}},
    {{3, 31, 31, 17, 7, 5, {3, 1, 1}, {3, 1, 1}}},
    {{2, 11, 23, 29, 4, 6, {5, 2, 2}, {4, 2, 1}}, 2},
    {{2, 9, 37, 41, 6, 4, {7, 2, 3}, {3, 2, 1}}},
    {{2, 7, 67, 63, 5, 3, {11, 4, 2}, {2, 1, 0}}},
    {{1, 13, 19, 19, 8, 33, {1, 1, 0}, {3, 1, 1}}},  // the product alone
    {{2, 13, 19, 23, 6, 9, {1, 1, 0}, {3, 1, 1}}, 3},
    {{2, 13, 19, 23, 5, 9, {1, 2, 0}, {3, 1, 1}}},  // cells between the strides
    {{2, 13, 19, 23, 5, 9, {1, 1, 0}, {3, 1, 1}, Below::wider}},
    {{2, 9, 20, 21, 4, 4, {2, 3, 0}, {2, 1, 1}}},  // stride over kernel: gaps
    {{2, 8, 23, 19, 4, 5, {3, 1, 1}, {5, 1, 2}, Below::wider}},
    {{2, 8, 23, 19, 4, 5, {3, 2, 1}, {3, 1, 1}, Below::whole}},
    {{2, 8, 9, 8, 3, 4, {3, 1, 1}, {7, 1, 3}}},  // whole on both sides
    // Many channels above, where windows grow: the taps are gathered.
    {{3, 31, 31, 17, 27, 5, {3, 1, 1}, {3, 1, 1}}},
    {{2, 8, 23, 19, 67, 5, {3, 1, 1}, {5, 1, 2}, Below::wider}},
    {{2, 8, 9, 8, 260, 4, {3, 1, 1}, {7, 1, 3}}},
    // Windows of nearly one size: over planes with zeros between their rows, in bands of rows.
    {{2, 9, 14, 17, 32, 20, {3, 1, 1}, {27, 1, 13}}},
    {{2, 12, 31, 29, 12, 9, {3, 1, 1}, {9, 1, 4}}},
    {{2, 9, 23, 22, 11, 9, {3, 1, 0}, {9, 1, 4}, Below::wider}},
    {{1, 2, 40, 41, 6, 70, {5, 1, 2}, {79, 1, 39}}},
    {{1, 1, 30, 70, 3, 130, {3, 1, 2}, {139, 1, 69}}},
    {{2, 5, 12, 13, 33, 8, {4, 1, 0}, {25, 1, 12}}},
    {{1, 2, 1, 1, 40, 37, {1, 1, 0}}},
    {{1, 300, 5, 5, 3, 2, {3, 1, 1}}},
    {{2, 9, 19, 23, 70, 43, {1, 1, 0}, {1, 1, 0}}},  // a column for each decision
    {{2, 10, 19, 23, 30, 13, {3, 1, 1}, {1, 1, 0}}},
    // A group per channel, in rows of one vector, two, four and more.
    {{2, 9, 19, 23, 6, 6, {3, 1, 1}, {3, 1, 1}}, 6},
    {{2, 9, 31, 33, 7, 7, {3, 1, 1}, {11, 1, 5}}, 7},
    {{2, 7, 45, 47, 5, 5, {3, 2, 1}, {9, 1, 4}}, 5},
    {{1, 5, 90, 83, 3, 3, {3, 2, 1}, {31, 1, 15}}, 3},
    {{2, 7, 31, 37, 8, 4, {5, 2, 2}, {7, 1, 3}}, 4},  // two outputs of each
    {{1, 7, 40, 41, 5, 5, {5, 1, 2}, {5, 1, 2}, Below::wider}, 5},
    {{2, 7, 29, 28, 3, 3, {3, 3, 1}, {4, 2, 1}}, 3},
    {{2, 5, 17, 18, 4, 4, {3, 2, 1}, {3, 1, 1}, Below::whole}, 4},
    {{2, 8, 14, 14, 4, 4, {7, 1, 3}, {27, 1, 13}}, 4},  // whole on both sides
    {{2, 6, 33, 37, 5, 5, {5, 2, 2}, {13, 1, 6}}, 5},   // blocks of rows, of each size and stride
    {{2, 6, 45, 43, 3, 3, {7, 2, 3}, {9, 1, 4}}, 3},
    {{2, 6, 29, 31, 4, 4, {7, 1, 3}, {5, 1, 2}}, 4},
    {{2, 6, 40, 41, 4, 4, {3, 2, 1}, {5, 1, 2}, Below::wider}, 4},
    {{2, 6, 47, 26, 3, 3, {5, 2, 1}, {5, 1, 2}, Below::wider}, 3},
    {{2, 6, 38, 45, 3, 3, {5, 2, 2}, {47, 1, 23}}, 3},
    {{2, 6, 28, 31, 24, 16, {3, 1, 1}, {5, 1, 2}}, 4},  // groups of several channels
    {{2, 6, 14, 17, 12, 18, {3, 1, 1}, {27, 1, 13}}, 3},
    {{2, 5, 30, 29, 8, 12, {7, 2, 3}, {5, 1, 2}, Below::wider}, 2},
    {{1, 4, 20, 21, 36, 4, {3, 1, 1}, {3, 1, 1}}, 2},
};

TEST_P(WindowOps, ConvolutionsCarryTheGradientOfWholeMaps) {
  uint64_t seed = 1;
  for (const auto& [plan, groups] : conv_cases) {
    SCOPED_TRACE(joined("case ", seed));
    const int64_t k = plan.kernel.size;
    const Tensor weight =
        random_tensor({plan.channels_above, plan.channels_below / groups, k, k}, ++seed);
    check(random_level(plan, seed), weight, conv_op(plan.kernel, groups),
          slow_conv(plan.kernel, groups));
  }
}

TEST_P(WindowOps, OneHotConvolutionsTakeRowsOfTheWeight) {
  uint64_t seed = 1;
  for (const auto& [given, groups] : conv_cases) {
    SCOPED_TRACE(joined("case ", seed));
    LevelPlan plan = given;
    plan.upper = {1, 1, 0};
    const int64_t k = plan.kernel.size;
    const Tensor weight =
        random_tensor({plan.channels_above, plan.channels_below / groups, k, k}, ++seed);
    Level level = random_level(plan, seed, true);
    for (const int64_t first : {0, 1}) {
      level.first_channel = first;  // channel 0 of the decisions lies before the batch
      check(level, weight, conv_op(plan.kernel, groups), slow_conv(plan.kernel, groups));
    }
  }
}

TEST_P(WindowOps, LevelsWithMoreColumnsThanAreKeptAtATime) {
  // 121 taps of 8 channels in windows of 60 x 60: 14 MB of columns for each decision.
  const LevelPlan plan{1, 5, 80, 80, 2, 8, {11, 1, 5}, {60, 1, 30}};
  const Tensor weight = random_tensor({2, 8, 11, 11}, 4);
  const Level level = random_level(plan, 4);
  ASSERT_EQ(level.above.area(), 3600);
  const Tensor actual =
      run_on(context(), level, weight, conv_op(plan.kernel, 1), Accumulate::sum, ReluRule::plain);
  const std::vector<double> expected =
      run_slowly(level, weight, slow_conv(plan.kernel, 1), Accumulate::sum, ReluRule::plain);
  EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
}

/// As if the scaled node had a gradient of its own between them.
TEST(WindowsThroughScales, AreThoseOfBothNodes) {
  const Context context(Device{}, 2);
  uint64_t seed = 50;
  for (const WindowKernel& upper : {WindowKernel{1, 1, 0}, {5, 2, 2}, {27, 1, 13}}) {
    const Level level = random_level({2, 13, 17, 21, 9, 37, {1, 1, 0}, upper}, ++seed);
    const Tensor weight = random_tensor({9, 37, 1, 1}, seed), scale = random_tensor({37}, seed);
    const Tensor feature = random_tensor({2, 37, 17, 21}, seed);
    for (const bool masked : {false, true}) {
      const WindowOp op = [&](const Context& on, const Tensor& w, const WindowBatch& above,
                              const GradientBelow& below) {
        GradientBelow through = below;
        through.through.scale = scale.data();
        if (masked) through.through.mask = {&feature, ReluRule::plain, Activation::relu};
        conv_window_backward(on, w, WindowKernel{}, 1, above, through);
      };
      const SlowOp slow = [&](const Tensor& w, int64_t image, Map& above, Map& below) {
        slow_conv(WindowKernel{}, 1)(w, image, above, below);
        const float* f = feature.data() + image * std::ssize(below.values);
        for (int64_t i = 0; i < std::ssize(below.values); ++i) {
          below.values[i] *= masked && f[i] <= 0 ? 0 : scale.data()[i / (17 * 21)];
        }
      };
      for (const Accumulate into : {Accumulate::empty, Accumulate::sum}) {
        SCOPED_TRACE(joined("windows of ", upper.size, masked ? ", masked" : "",
                            into == Accumulate::sum ? ", sum" : ""));
        const Tensor actual = run_on(context, level, weight, op, into, std::nullopt);
        const std::vector<double> expected = run_slowly(level, weight, slow, into, std::nullopt);
        EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
      }
    }
  }
}

/// As if the function's node had a gradient of its own between them.
TEST(WindowsThroughSlopes, AreThoseOfBothNodes) {
  const Context context(Device{}, 2);
  uint64_t seed = 70;
  for (const Function which : {Function::silu, Function::hard_swish}) {
    const ScalarFunction function{which};
    for (const WindowKernel& kernel : {WindowKernel{3, 1, 1}, {5, 2, 2}, {4, 3, 1}}) {
      const Level level = random_level({2, 13, 14, 19, 9, 9, kernel, {47, 1, 23}}, ++seed);
      const Tensor weight = random_tensor({9, 1, kernel.size, kernel.size}, seed);
      const Tensor input = random_tensor({2, 9, 14, 19}, seed);
      const WindowOp op = [&](const Context& on, const Tensor& w, const WindowBatch& above,
                              const GradientBelow& below) {
        GradientBelow sloped = below;
        sloped.sloped = {&input, function, cpu::function_slopes};
        conv_window_backward(on, w, kernel, 9, above, sloped);
      };
      const SlowOp slow = [&](const Tensor& w, int64_t image, Map& above, Map& below) {
        slow_conv(kernel, 9)(w, image, above, below);
        const float* x = input.data() + image * std::ssize(below.values);
        for (int64_t i = 0; i < std::ssize(below.values); ++i) {
          below.values[i] *= derivative_of(function, x[i]);
        }
      };
      for (const Accumulate into : {Accumulate::empty, Accumulate::sum}) {
        SCOPED_TRACE(joined("kernel ", kernel.size, into == Accumulate::sum ? ", sum" : ""));
        const Tensor actual = run_on(context, level, weight, op, into, std::nullopt);
        const std::vector<double> expected = run_slowly(level, weight, slow, into, std::nullopt);
        EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
      }
    }
  }
}

TEST_P(WindowOps, ConvolutionByHand) {
  const WindowKernel three{3, 1, 1}, two{2, 1, 0};
  const Window decision = window_at_decision(5, 5);
  const Tensor nine = floats({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Level corner = small_level(decision, window_below(decision, three, 5, 5), {0, 0, 0}, {});
  EXPECT_EQ(values(corner, nine, conv_op(three, 1)),
            (std::vector<float>{0, 0, 0, 0, 5, 6, 0, 8, 9}));
  const Window above = window_below(decision, two, 6, 6);
  const Level product = small_level(above, window_below(above, two, 7, 7), {0, 2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(values(product, floats({1, 1, 2, 2}, {1, 10, 100, 1000}), conv_op(two, 1)),
            (std::vector<float>{1, 12, 20, 103, 1234, 2040, 300, 3400, 4000}));
}

void linear_op(const Context& context, const Tensor& weight, const WindowBatch& above,
               const GradientBelow& below) {
  linear_window_backward(context, weight, above, below);
}

struct LinearCase {
  int64_t units, channels, height, width;
};
const LinearCase linear_cases[] = {
    {1, 1, 1, 1},  {31, 33, 1, 1},  {67, 5, 7, 7},    {100, 8, 6, 6},
    {37, 3, 5, 7}, {513, 64, 1, 1}, {4099, 20, 2, 2}, {5, 4100, 2, 2},
};

TEST_P(WindowOps, LinearLayersCarryTheGradientToWholeMaps) {
  uint64_t seed = 400;
  for (const LinearCase& extent : linear_cases) {
    for (const int64_t decisions : {1, 2, 3, 4, 5, 33}) {
      if (extent.units * extent.channels > 20000 && decisions != 3) continue;  // takes long
      SCOPED_TRACE(joined("case ", seed, ", ", decisions, " decisions"));
      const auto& [units, channels, height, width] = extent;
      const Tensor weight = random_tensor({units, channels * height * width}, ++seed);
      for (const bool one_hot : {false, true}) {
        Level level = linear_level(decisions, units, channels, height, width, seed, one_hot);
        check(level, weight, linear_op, slow_linear);
        if (!one_hot) continue;
        level.first_channel = units / 2;  // half of the decisions' channels lie before the batch
        check(level, weight, linear_op, slow_linear);
      }
    }
  }
}

TEST_P(WindowOps, RowsOfUnitsWithoutGradientAreNeverRead) {
  for (const int64_t inputs : {36, 37}) {  // 16-byte loads, and single ones
    Level level = linear_level(3, 1500, inputs, 1, 1, 7, false);
    Tensor weight = random_tensor({1500, inputs}, 8);
    for (int64_t unit = 0; unit < 1500; ++unit) {
      if (unit % 7 == 2) continue;
      std::fill_n(level.gradient.data() + unit * 3, 3, 0.0f);
      std::fill_n(weight.data() + unit * inputs, inputs, std::numeric_limits<float>::quiet_NaN());
    }
    check(level, weight, linear_op, slow_linear);
  }
}

TEST_P(WindowOps, LinearLayerByHand) {
  const Tensor weight = floats({1, 4}, {1, 2, 3, 4});
  const Window unit = whole_window(1, 1), map = whole_window(2, 2);
  EXPECT_EQ(values(small_level(unit, map, {0, 0, 0}, {-2}), weight, linear_op),
            (std::vector<float>{-2, -4, -6, -8}));
  EXPECT_EQ(values(small_level(unit, map, {0, 0, 0}, {}), weight, linear_op),
            (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace hdecomp
