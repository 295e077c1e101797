/// How a window op is tested on a device: in all ways of putting the gradient below, against whole
/// maps in double, and on a GPU against the CPU's op as well.
#pragma once

#include <gtest/gtest.h>

#include "tests/support/window_levels.h"

namespace hdecomp::op_testing {

class WindowOps : public OnDevice {
 protected:
  /// All ways of putting the gradient below.
  void check(const Level& level, const Tensor& operand, const WindowOp& op, const SlowOp& slow) {
    const std::optional<ReluRule> masks[] = {std::nullopt, ReluRule::plain, ReluRule::guided};
    for (const Accumulate into : {Accumulate::empty, Accumulate::sum}) {
      for (const auto& mask : masks) {
        SCOPED_TRACE(joined(into == Accumulate::sum ? "sum" : "empty", ", mask ",
                            !mask                      ? "none"
                            : mask == ReluRule::guided ? "guided"
                                                       : "plain"));
        const Tensor actual = run_on(context(), level, operand, op, into, mask);
        const std::vector<double> expected = run_slowly(level, operand, slow, into, mask);
        EXPECT_TRUE(near(actual.span(), std::span<const double>(expected), tolerance::dot_product));
        if (GetParam() == Device{}) continue;
        const Tensor on_cpu = run_on(cpu_, level, operand, op, into, mask);
        EXPECT_TRUE(near(actual, on_cpu, tolerance::dot_product));
      }
    }
  }

  /// One map of a single image and channel, one decision at (y, x).
  Level small_level(const Window& above, const Window& below, Place place,
                    std::vector<float> gradient) const {
    Level level;
    level.above = above, level.below = below;
    level.channels_above = level.channels_below = 1;
    level.places = tensor_of(Shape{1}, std::vector{place});
    level.one_hot = gradient.empty();
    if (!level.one_hot) level.gradient = floats({1, 1, above.y.size, above.x.size}, gradient);
    level.prior = random_windows(below, 1, level.places, 1);
    level.feature = random_tensor({1, 1, below.y.map, below.x.map}, 1);
    return level;
  }

  std::vector<float> values(const Level& level, const Tensor& operand, const WindowOp& op) {
    const Tensor result = run_on(context(), level, operand, op, Accumulate::empty, std::nullopt);
    return {result.span().begin(), result.span().end()};
  }

 private:
  Context cpu_{Device{}, 2};
};

}  // namespace hdecomp::op_testing
