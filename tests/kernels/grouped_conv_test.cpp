/// Our own grouped convolution, over maps whose channels lie last, against plain sums in double
/// precision.
#include "kernels/conv/grouped_conv_cpu.h"

#include "kernels/loops/register_tile_cpu.h"
#include "tests/kernels/conv_testing.h"
#include "tests/support/exact_conv.h"

namespace hdecomp::op_testing {
namespace {

using cpu::GroupedConv;
using enum Activation;

ConvSpec grouped_conv(int64_t channels, int64_t group, int64_t height, int64_t width,
                      int64_t stride) {
  ConvSpec spec;
  spec.in_channels = spec.out_channels = channels, spec.groups = channels / group;
  spec.height = height, spec.width = width;
  spec.kernel_h = spec.kernel_w = 3;
  spec.stride_h = spec.stride_w = stride;
  spec.pad_h = spec.pad_w = 1;
  spec.activation = relu6;
  return spec;
}

/// Groups of each width; rows of one and of several runs of cells; a last vector that ends with the
/// last channel; kernels that reach far beyond the map; other kernels, pads and activations.
std::vector<ConvSpec> specs() {
  std::vector<ConvSpec> all{grouped_conv(32, 4, 9, 30, 1),  grouped_conv(20, 4, 7, 7, 1),
                            grouped_conv(48, 8, 15, 17, 2), grouped_conv(24, 8, 29, 5, 1),
                            grouped_conv(32, 16, 7, 14, 1), grouped_conv(64, 32, 8, 9, 2),
                            grouped_conv(96, 48, 3, 11, 1), grouped_conv(16, 8, 1, 1, 1)};
  ConvSpec wide = grouped_conv(28, 4, 10, 9, 1);
  wide.kernel_h = 1, wide.kernel_w = 5;
  wide.pad_h = 0, wide.pad_w = 1, wide.far_w = 3;
  wide.activation = none;
  all.push_back(wide);
  ConvSpec tall = grouped_conv(32, 16, 12, 6, 1);
  tall.kernel_h = 5, tall.kernel_w = 2;
  tall.pad_h = 4, tall.pad_w = 0;
  tall.activation = relu;
  all.push_back(tall);
  return all;
}

/// Channels last, and back.
Tensor channels_last(const Tensor& plain, bool back = false) {
  return in_blocks(plain, plain.shape()[1], back);
}

double activated_sum(Activation activation, double sum) {
  if (activation == none) return sum;
  return activation == relu6 ? std::clamp(sum, 0.0, 6.0) : std::max(sum, 0.0);
}

TEST(GroupedConv, SumsAreTheDefinitionsToTheSameBitsOnAnyThreadCount) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  for (const ConvSpec& spec : specs()) {
    SCOPED_TRACE(joined(spec.weight_shape(), " of ", spec.input_shape()));
    ASSERT_TRUE(GroupedConv::suits(spec));
    const Tensor x = random_tensor(spec.input_shape(), 1);
    const Tensor bias = random_tensor({spec.out_channels}, 2);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    std::vector<double> expected = sums_of(spec, x, weight, bias);
    for (double& sum : expected) sum = activated_sum(spec.activation, sum);
    Tensor first;
    for (const int threads : {1, 2, 5}) {
      const Context context({}, threads);
      Tensor y({}, spec.output_shape());
      GroupedConv(context, spec, weight, nullptr)
          .run(channels_last(x).data(), bias.data(), y.data());
      EXPECT_TRUE(near(channels_last(y, true).span(), std::span<const double>(expected), 1e-6));
      if (threads == 1)
        first = std::move(y);
      else
        EXPECT_TRUE(same_bits(first, y)) << threads << " threads";
    }
  }
}

TEST(GroupedConv, NumbersThatAreNoneStaySo) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  const ConvSpec spec = grouped_conv(16, 8, 5, 5, 1);
  Tensor x = random_tensor(spec.input_shape(), 1);
  x.data()[9 * 25 + 12] = NAN;  // of the second group, in the middle
  const Tensor weight = random_tensor(spec.weight_shape(), 3), bias = random_tensor({16}, 2);
  Tensor y({}, spec.output_shape());
  GroupedConv(Context({}, 2), spec, weight, nullptr)
      .run(channels_last(x).data(), bias.data(), y.data());
  const Tensor plain = channels_last(y, true);
  for (int64_t i = 0; i < plain.elements(); ++i) {
    const int64_t row = i % 25 / 5, column = i % 5;
    const bool reads = i / 25 >= 8 && row > 0 && row < 4 && column > 0 && column < 4;
    EXPECT_EQ(std::isnan(plain.data()[i]), reads) << i;
  }
}

TEST(GroupedConv, LeavesOthersToOneDnn) {
  ConvSpec depthwise = grouped_conv(32, 1, 8, 8, 1), odd = grouped_conv(36, 6, 8, 8, 1);
  ConvSpec whole = grouped_conv(32, 32, 8, 8, 1), grown = grouped_conv(32, 8, 8, 8, 1);
  grown.out_channels = 64;
  for (const ConvSpec& spec : {depthwise, odd, whole, grown}) {
    EXPECT_FALSE(GroupedConv::suits(spec)) << spec.weight_shape();
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
