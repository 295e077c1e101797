/// The window ops of pools and joins, on every device.
#include <gtest/gtest.h>

#include "kernels/cell/cell_ops.h"
#include "tests/support/window_ops_testing.h"

namespace hdecomp {
namespace {

using namespace op_testing;

class WindowPoolOps : public WindowOps {};

INSTANTIATE_TEST_SUITE_P(Devices, WindowPoolOps, ::testing::ValuesIn(test_devices()), device_name);

WindowOp max_pool_op(const WindowKernel& kernel) {
  return [=](const Context& context, const Tensor& feature, const WindowBatch& above,
             const GradientBelow& below) {
    max_pool_window_backward(context, kernel, feature, above, below);
  };
}

SlowOp slow_max_pool(const WindowKernel& kernel) {
  return [=](const Tensor& feature, int64_t image, Map& above, Map& below) {
    const int64_t channels = feature.shape()[1], plane = below.height * below.width;
    for (int64_t i = 0; i < channels * above.height * above.width; ++i) {
      const int64_t c = i / (above.height * above.width);
      const int64_t top = i / above.width % above.height * kernel.stride - kernel.pad;
      const int64_t left = i % above.width * kernel.stride - kernel.pad;
      const float* f = feature.data() + (image * channels + c) * plane;
      int64_t best = -1;
      for (int64_t tap = 0; tap < kernel.size * kernel.size; ++tap) {
        const int64_t y = top + tap / kernel.size, x = left + tap % kernel.size;
        if (y < 0 || y >= below.height || x < 0 || x >= below.width) continue;
        const int64_t at = y * below.width + x;
        if (best < 0 || f[at] > f[best]) best = at;
      }
      below.values[c * plane + best] += above.values[i];
    }
  };
}

const LevelPlan pool_cases[] = {
    {1, 1, 31, 33, 3, 3, {2, 2, 0}},
    {3, 33, 30, 34, 5, 5, {2, 2, 0}, {5, 1, 2}},
    {2, 17, 37, 29, 7, 7, {3, 2, 1}, {3, 1, 1}},
    {2, 17, 37, 29, 4, 4, {3, 2, 0}, {3, 1, 1}},
    {2, 9, 23, 23, 6, 6, {3, 1, 1}, {3, 2, 1}},
    {2, 9, 23, 23, 6, 6, {2, 3, 0}, {3, 1, 1}},
    {2, 9, 29, 31, 2, 2, {5, 4, 2}, {2, 1, 1}},
    {2, 9, 23, 24, 5, 5, {2, 2, 0}, {3, 1, 1}, Below::wider},
    {2, 9, 23, 24, 5, 5, {3, 2, 1}, {3, 1, 1}, Below::whole},
    {2, 9, 12, 13, 9, 9, {3, 2, 1}, {9, 1, 4}},
    {2, 9, 61, 67, 3, 3, {3, 2, 1}, {21, 1, 10}},  // rows of several vectors
    {1, 7, 40, 41, 4, 4, {3, 1, 1}, {19, 1, 9}, Below::wider},
};

/// Few different values: ties in most of a pool's windows.
Tensor with_ties(const Shape& shape, uint64_t seed) {
  Tensor result = random_tensor(shape, seed);
  for (float& value : result.span()) value = std::floor(value * 2);
  return result;
}

TEST_P(WindowPoolOps, MaxPoolsRouteToTheFirstMaximum) {
  uint64_t seed = 100;
  for (const bool one_hot : {false, true}) {
    for (LevelPlan plan : pool_cases) {
      SCOPED_TRACE(joined("case ", seed));
      if (one_hot) plan.upper = {1, 1, 0};
      const Shape shape{plan.images, plan.channels_below, plan.height, plan.width};
      const Level level = random_level(plan, ++seed, one_hot);
      check(level, with_ties(shape, seed), max_pool_op(plan.kernel), slow_max_pool(plan.kernel));
      check(level, random_tensor(shape, seed), max_pool_op(plan.kernel),
            slow_max_pool(plan.kernel));
    }
  }
}

/// Rounded up, the last kernel of a row reaches beyond the map.
TEST_P(WindowPoolOps, KernelsBeyondTheMapRouteInsideIt) {
  struct Case {
    int64_t height, width;
    WindowKernel kernel;
  };
  uint64_t seed = 150;
  for (const Case& c :
       {Case{13, 15, {2, 2, 0}}, Case{14, 12, {3, 2, 0}}, Case{13, 13, {4, 3, 1}}}) {
    SCOPED_TRACE(joined("case ", seed));
    const auto extent = [&](int64_t size) {
      return steps_of_kernel(size, c.kernel.size, c.kernel.stride, c.kernel.pad, Rounding::up);
    };
    const int64_t height = extent(c.height), width = extent(c.width);
    Level level = random_level({2, 17, height, width, 5, 5, {1, 1, 0}, {3, 1, 1}}, ++seed);
    level.below = window_below(level.above, c.kernel, c.height, c.width);
    level.prior = random_windows(level.below, 5, level.places, seed);
    level.feature = random_tensor({2, 5, c.height, c.width}, seed + 1, -0.5f, 1);
    const Tensor feature = random_tensor({2, 5, c.height, c.width}, seed + 2);
    check(level, feature, max_pool_op(c.kernel), slow_max_pool(c.kernel));
  }
}

TEST_P(WindowPoolOps, MaxPoolByHand) {
  const WindowKernel kernel{2, 2, 0};
  const Window decision = window_at_decision(2, 2);
  const Level level = small_level(decision, window_below(decision, kernel, 4, 4), {0, 1, 0}, {});
  const Tensor feature = floats({1, 1, 4, 4}, {9, 9, 9, 9, 9, 9, 9, 9, 2, 5, 9, 9, 5, 5, 9, 9});
  EXPECT_EQ(values(level, feature, max_pool_op(kernel)), (std::vector<float>{0, 1, 0, 0}));
}

void copy_op(const Context& context, const Tensor&, const WindowBatch& above,
             const GradientBelow& below) {
  copy_window_backward(context, above, below);
}
void slow_copy(const Tensor&, int64_t, Map& above, Map& below) { below.values = above.values; }

TEST_P(WindowPoolOps, CopiesTheOverlapOfTwoWindows) {
  const Tensor nothing = floats({1}, {0});
  uint64_t seed = 200;
  for (const bool one_hot : {false, true}) {
    for (const Below below : {Below::exact, Below::wider, Below::whole}) {
      for (const int64_t channels : {1, 5, 64}) {
        SCOPED_TRACE(joined("case ", seed));
        LevelPlan plan{2, 13, 17, 21, channels, channels, {1, 1, 0}, {5, 2, 2}, below};
        if (one_hot) plan.upper = {1, 1, 0};
        Level level = random_level(plan, ++seed, one_hot);
        check(level, nothing, copy_op, slow_copy);
        if (!one_hot) continue;
        level.first_channel = channels / 2;  // half of the decisions' channels lie before the batch
        check(level, nothing, copy_op, slow_copy);
      }
    }
  }
}

/// The op with both gradients in the memory of the one below, where that is empty.
WindowOp in_place(const WindowOp& op) {
  return [=](const Context& context, const Tensor& operand, const WindowBatch& above,
             const GradientBelow& below) {
    if (below.into == Accumulate::sum) return op(context, operand, above, below);
    copy(context, above.data, below.batch.data);
    op(context, operand, channels_of(below.batch, 0, above.channels), below);
  };
}

WindowOp cell_op(const CellOp& op) {
  return [=](const Context& context, const Tensor& operand, const WindowBatch& above,
             const GradientBelow& below) {
    const bool scales = op.formula == CellFormula::affine;
    const std::vector<const Tensor*> features{scales ? nullptr : &operand};
    cell_window_backward(context, op, 0, features, scales ? &operand : nullptr, above, below);
  };
}

void slow_affine(const Tensor& scale, int64_t, Map& above, Map& below) {
  const int64_t area = above.height * above.width;
  for (int64_t i = 0; i < std::ssize(above.values); ++i) {
    below.values[i] = scale.data()[i / area] * above.values[i];
  }
}
void slow_leaky_relu(const Tensor& feature, int64_t image, Map& above, Map& below) {
  const float* x = feature.data() + image * std::ssize(above.values);
  for (int64_t i = 0; i < std::ssize(above.values); ++i) {
    below.values[i] = (x[i] < 0 ? 0.25 : 1) * above.values[i];
  }
}

TEST_P(WindowPoolOps, OpsOfSingleCellsWorkInPlace) {
  if (GetParam() != Device{}) GTEST_SKIP() << "a GPU has memory of its own for each gradient";
  uint64_t seed = 300;
  CellOp affine, leaky_relu;
  affine.formula = CellFormula::affine;
  leaky_relu.function = {Function::leaky_relu, 0.25f};
  for (const WindowKernel& upper : {WindowKernel{1, 1, 0}, {5, 2, 2}, {27, 1, 13}}) {
    SCOPED_TRACE(joined("windows of ", upper.size));
    const Level level = random_level({2, 13, 17, 21, 7, 7, {1, 1, 0}, upper}, ++seed);
    check(level, floats({1}, {0}), in_place(copy_op), slow_copy);
    check(level, random_tensor({7}, seed), in_place(cell_op(affine)), slow_affine);
    check(level, random_tensor({2, 7, 17, 21}, seed), in_place(cell_op(leaky_relu)),
          slow_leaky_relu);
  }
}

/// Both halves of ten shuffled channels, each of which leaves the other's below as they are.
TEST(SlicesOfAShuffle, WriteTheirOwnChannelsAlone) {
  const Context context(Device{}, 2);
  const WindowOp op = [](const Context& on, const Tensor&, const WindowBatch& above,
                         const GradientBelow& below) {
    GradientBelow own = below;
    own.own_alone = true;
    CellOp half;
    half.formula = CellFormula::move;
    half.groups = 2;
    const Tensor* not_read = nullptr;
    for (const int64_t skipped : {0, 5}) {
      half.skipped = skipped;
      cell_window_backward(on, half, 0, {&not_read, 1}, nullptr, above, own);
    }
  };
  const SlowOp slow = [](const Tensor&, int64_t, Map& above, Map& below) {
    for (int64_t k = 0; k < 10; ++k) {
      for (int64_t cell = 0; cell < 17 * 21; ++cell) {
        below.values[(k % 2 * 5 + k / 2) * 17 * 21 + cell] += above.values[k % 5 * 17 * 21 + cell];
      }
    }
  };
  uint64_t seed = 350;
  for (const Below wide : {Below::exact, Below::wider, Below::whole}) {
    const Level level = random_level({2, 13, 17, 21, 5, 10, {1, 1, 0}, {5, 2, 2}, wide}, ++seed);
    const Tensor nothing = floats({1}, {0});
    const Tensor actual = run_on(context, level, nothing, op, Accumulate::empty, std::nullopt);
    const std::vector<double> expected =
        run_slowly(level, nothing, slow, Accumulate::empty, std::nullopt);
    EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
  }
}

TEST_P(WindowPoolOps, LevelsOfManyCellsAndChannels) {
  const Level level = random_level({2, 4, 64, 64, 300, 300, {1, 1, 0}, {9, 1, 4}, Below::whole}, 5);
  const Tensor nothing = floats({1}, {0});
  const Tensor actual =
      run_on(context(), level, nothing, copy_op, Accumulate::sum, ReluRule::plain);
  const std::vector<double> expected =
      run_slowly(level, nothing, slow_copy, Accumulate::sum, ReluRule::plain);
  EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
}

TEST_P(WindowPoolOps, CopyByHand) {
  const Window decision = window_at_decision(4, 4);
  const Window wide = united(decision, window_below(decision, WindowKernel{3, 1, 1}, 4, 4));
  EXPECT_EQ(values(small_level(decision, wide, {0, 3, 3}, {2.5f}), floats({1}, {0}), copy_op),
            (std::vector<float>{0, 0, 0, 0, 2.5f, 0, 0, 0, 0}));
}

void mean_op(const Context& context, const Tensor&, const WindowBatch& above,
             const GradientBelow& below) {
  adaptive_avg_pool_window_backward(context, above, below);
}

void slow_mean(const Tensor&, int64_t, Map& above, Map& below) {
  const auto channels = std::ssize(above.values) / (above.height * above.width);
  for (int64_t i = 0; i < std::ssize(above.values); ++i) {
    const int64_t r = i / above.width % above.height, s = i % above.width;
    const int64_t top = r * below.height / above.height, left = s * below.width / above.width;
    const int64_t bottom = ((r + 1) * below.height + above.height - 1) / above.height;
    const int64_t right = ((s + 1) * below.width + above.width - 1) / above.width;
    const int64_t c = i / (above.height * above.width) % channels;
    for (int64_t y = top; y < bottom; ++y) {
      for (int64_t x = left; x < right; ++x) {
        below.at(c, y, x) += above.values[i] / static_cast<double>((bottom - top) * (right - left));
      }
    }
  }
}

TEST_P(WindowPoolOps, AdaptiveMeansShareTheGradient) {
  struct Sizes {
    int64_t height, width, cells_y, cells_x;
  };
  uint64_t seed = 300;
  for (const Sizes& size : {Sizes{7, 7, 1, 1}, Sizes{7, 7, 7, 7}, Sizes{13, 11, 6, 7},
                            Sizes{3, 5, 7, 7}, Sizes{31, 33, 5, 2}}) {
    SCOPED_TRACE(joined("case ", seed));
    Level level = random_level({2, 9, size.height, size.width, 6, 6, {1, 1, 0}}, ++seed);
    level.above = whole_window(size.cells_y, size.cells_x);
    level.below = whole_window(size.height, size.width);
    level.gradient = random_windows(level.above, 6, level.places, seed);
    level.prior = random_windows(level.below, 6, level.places, seed + 1);
    check(level, floats({1}, {0}), mean_op, slow_mean);
  }
}

TEST_P(WindowPoolOps, AdaptiveMeanByHand) {
  const Level level =
      small_level(whole_window(2, 2), whole_window(3, 3), {0, 0, 0}, {4, 8, 12, 16});
  EXPECT_EQ(values(level, floats({1}, {0}), mean_op),
            (std::vector<float>{1, 3, 2, 4, 10, 6, 3, 7, 4}));
}

}  // namespace
}  // namespace hdecomp
