/// Weights kept in bf16 on the CPU: how they are rounded and found, and that every op over them
/// computes what it would of the rounded numbers in double.
#include "kernels/product/narrow_weights_cpu.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>

#include "kernels/conv/linear.h"
#include "tests/support/exact_channel_conv.h"
#include "tests/support/exact_conv.h"
#include "tests/support/window_levels.h"

namespace hdecomp::op_testing {
namespace {

constexpr auto keep_pages = [](const float*, int64_t) {};

/// By the definition, from the two neighbours with 8 bits.
double nearest_in_bf16(double value) {
  if (value == 0) return value;
  const double unit = std::ldexp(1.0, std::max(std::ilogb(value), -126) - 7);
  return std::nearbyint(value / unit) * unit;  // ties to even
}

Tensor rounded(const Tensor& weight) {
  Tensor result = copy_tensor(weight);
  for (float& value : result.span()) value = static_cast<float>(nearest_in_bf16(value));
  return result;
}

TEST(NarrowNumbers, AreTheNearestTiesToEven) {
  Random random(1);
  for (int i = 0; i < 200000; ++i) {
    const int exponent = static_cast<int>(random.bits() % 253) - 149 + 22;
    float value = std::ldexp(random.unit() * 2 - 1, exponent);
    if (i % 3 == 0) {  // halfway between two
      value = std::bit_cast<float>((std::bit_cast<uint32_t>(value) & 0xffff0000u) | 0x8000u);
    }
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(double{float{cpu::rounded_to_bf16(value)}}, nearest_in_bf16(value)) << value;
  }
  EXPECT_EQ(std::bit_cast<uint32_t>(float{cpu::rounded_to_bf16(-0.0f)}), 0x80000000u);
  EXPECT_EQ(float{cpu::rounded_to_bf16(0x1p-133f)}, 0x1p-133f);  // the least
  EXPECT_EQ(float{cpu::rounded_to_bf16(0x1.fep127f)}, 0x1.fep127f);
  EXPECT_TRUE(std::isinf(float{cpu::rounded_to_bf16(0x1.fffffep127f)}));
}

TEST(NarrowNumbers, AreWidenedEightAtATime) {
  std::array<cpu::Bf16, 9> numbers;
  for (int i = 0; i < 9; ++i) numbers[i] = cpu::rounded_to_bf16(std::ldexp(i - 4.5f, 20 * i - 80));
  const cpu::Lanes values = cpu::load_lanes(numbers.data() + 1);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(values[i], float{numbers[i + 1]}) << i;
}

class NarrowWeights : public ::testing::TestWithParam<int> {
 protected:
  const Context context_{Device{}, GetParam(), Precision::bf16};
};
INSTANTIATE_TEST_SUITE_P(Threads, NarrowWeights, ::testing::Values(1, 3));

TEST_P(NarrowWeights, AreFoundByTheirAddressWhileSomeoneKeepsThem) {
  const Tensor weight = random_tensor({40, 9}, 1), other = random_tensor({40, 9}, 2);
  EXPECT_EQ(cpu::find_narrow(context_, weight), nullptr);
  int64_t read = 0;
  auto kept = keep_narrow(context_, weight, [&](const float* first, int64_t count) {
    EXPECT_EQ(first, weight.data() + read);
    read += count;
  });
  EXPECT_EQ(read, weight.elements());
  const cpu::Bf16* all = cpu::find_narrow(context_, weight);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(cpu::find_narrow(context_, rows(weight, 3, 40)), all + 27);
  EXPECT_EQ(cpu::find_narrow(context_, other), nullptr);
  EXPECT_EQ(cpu::find_narrow(context_, Tensor({}, {41, 9}, const_cast<float*>(weight.data()))),
            nullptr);
  EXPECT_EQ(cpu::find_narrow(Context({}, 1), weight), nullptr);  // of float32

  EXPECT_TRUE(same_bits(as_multiplied(context_, weight), rounded(weight)));
  EXPECT_TRUE(same_bits(as_multiplied(Context({}, 1), weight), weight));
  EXPECT_EQ(as_multiplied(context_, other).data(), other.data());

  auto again = keep_narrow(context_, weight, [](const float*, int64_t) { FAIL() << "read again"; });
  kept.reset();
  EXPECT_EQ(cpu::find_narrow(context_, weight), all);
  again.reset();
  EXPECT_EQ(cpu::find_narrow(context_, weight), nullptr);
}

TEST_P(NarrowWeights, AreReadPieceByPiece) {
  const Tensor weight = random_tensor({2100, 2100}, 1);  // more than one
  int pieces = 0;
  int64_t read = 0;
  const auto kept = keep_narrow(context_, weight, [&](const float* first, int64_t count) {
    EXPECT_EQ(first, weight.data() + read);
    ++pieces, read += count;
  });
  EXPECT_EQ(read, weight.elements());
  EXPECT_GT(pieces, 1);
  const cpu::Bf16* all = cpu::find_narrow(context_, weight);
  for (int64_t i = 0; i < weight.elements(); i += 997) {
    ASSERT_EQ(double{float{all[i]}}, nearest_in_bf16(weight.data()[i])) << i;
  }
}

/// A linear layer as a convolution of 1 x 1.
ConvSpec as_conv(int64_t batch, const Tensor& weight) {
  return {batch, weight.shape()[1], 1, 1, weight.shape()[0]};
}

/// Half of the values zero, as behind a ReLU.
Tensor half_active(const Shape& shape, uint64_t seed) {
  Tensor result = random_tensor(shape, seed);
  for (float& value : result.span()) value = std::max(value, 0.0f);
  return result;
}

::testing::AssertionResult near_double(const Tensor& actual, const std::vector<double>& expected) {
  return near(actual.span(), std::span<const double>(expected), tolerance::dot_product);
}

TEST_P(NarrowWeights, LinearLayersMultiplyByTheRoundedNumbers) {
  for (const auto& [in, out] : {std::pair{37, 11}, {8, 4}, {7, 1}, {523, 67}}) {
    const Tensor weight = random_tensor({out, in}, 1), bias = random_tensor({out}, 2);
    const Tensor exact = rounded(weight);
    const auto kept = keep_narrow(context_, weight, keep_pages);
    for (const int64_t batch : {1, 2, 3, 5, 70}) {
      for (const bool variants : {false, true}) {
        SCOPED_TRACE(joined(in, " to ", out, ", batch ", batch, variants ? ", variants" : ""));
        const auto layer =
            make_linear(context_, {batch, in, out, Activation::none, "fc", variants}, weight, bias);
        const ConvSpec spec = as_conv(batch, exact);
        const Tensor x = half_active({batch, in}, 3), dy = half_active({batch, out}, 4);
        Tensor y({}, {batch, out}), dx({}, {batch, in});
        layer->forward(x, y);
        EXPECT_TRUE(near_double(y, sums_of(spec, x, exact, bias)));
        EXPECT_FALSE(near_double(y, sums_of(spec, x, weight, bias)));  // it is another precision
        layer->backward_data(dy, dx);
        EXPECT_TRUE(near_double(dx, gradients_of(spec, exact, dy)));
      }
    }
  }
}

TEST_P(NarrowWeights, VariantsOfWhichAllUnitsAreActiveDoSoToo) {
  const int64_t batch = 70, in = 300, out = 131;
  const Tensor weight = random_tensor({out, in}, 1), bias = random_tensor({out}, 2);
  const Tensor x = random_tensor({batch, in}, 3);
  const auto kept = keep_narrow(context_, weight, keep_pages);
  Tensor y({}, {batch, out});
  make_linear(context_, {batch, in, out, Activation::none, "fc", true}, weight, bias)
      ->forward(x, y);
  EXPECT_TRUE(near_double(y, sums_of(as_conv(batch, weight), x, rounded(weight), bias)));
}

TEST_P(NarrowWeights, SomeOfALayersUnitsDoSoToo) {
  const Tensor weight = random_tensor({20, 45}, 1), bias = random_tensor({6}, 2);
  const auto kept = keep_narrow(context_, weight, keep_pages);
  const Tensor part = rows(weight, 11, 17), x = random_tensor({1, 45}, 3);
  Tensor y({}, {1, 6});
  make_linear(context_, {1, 45, 6, Activation::none}, part, bias)->forward(x, y);
  EXPECT_TRUE(near_double(y, sums_of(as_conv(1, part), x, rounded(part), bias)));
}

TEST_P(NarrowWeights, WindowsCarryGradientsThroughThem) {
  for (const bool one_hot : {false, true}) {
    const int64_t units = 517, channels = 5, side = 21, decisions = 3;
    const Tensor weight = random_tensor({units, channels * side * side}, 1);
    const auto kept = keep_narrow(context_, weight, keep_pages);
    Level level = linear_level(decisions, units, channels, side, side, 1, one_hot);
    level.gradient = half_active({units, decisions, 1, 1}, 2);
    level.places.data()[1].channel = units - 1;
    const WindowOp op = [&](const Context& context, const Tensor&, const WindowBatch& above,
                            const GradientBelow& below) {
      linear_window_backward(context, weight, above, below);  // not a copy: what is kept
    };
    const Tensor dx = run_on(context_, level, weight, op, Accumulate::empty, std::nullopt);
    EXPECT_TRUE(near_double(
        dx, run_slowly(level, rounded(weight), slow_linear, Accumulate::empty, std::nullopt)));
  }
}

/// A layer over maps, with one channel of each item unlike: one output cell, and several.
TEST_P(NarrowWeights, ChannelsOfALayerDoSoToo) {
  for (const int64_t cells : {1, 5}) {
    const ChannelConvExtent extent{4, 19, cells, cells, 7, 7, {0, 4}};
    ChannelConvTensors t = random_tensors(extent);
    const Tensor weight = std::exchange(t.weight, rounded(t.weight));
    const auto kept = keep_narrow(context_, weight, keep_pages);
    Tensor y({}, {extent.items, extent.outputs, cells, cells});
    channel_conv(context_, extent.conv, weight, t.base, t.differences, y);
    EXPECT_TRUE(near_double(y, expected_values(extent, t))) << cells;
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
