/// Our own Winograd convolution and the gradient to an image, over maps in blocks of channels,
/// against plain sums in double precision.
#include "kernels/conv/winograd_conv_cpu.h"

#include "kernels/conv/conv_to_image_cpu.h"
#include "kernels/loops/register_tile_cpu.h"
#include "tests/kernels/conv_testing.h"
#include "tests/support/exact_conv.h"

namespace hdecomp::op_testing {
namespace {

using cpu::ConvToImage;
using cpu::WinogradConv;
using enum Activation;

constexpr double winograd_tolerance = 1e-5;  // its transforms add a few bits to a sum's rounding

ConvSpec padded_conv(int64_t in, int64_t out, int64_t height, int64_t width, int64_t pad_h = 1,
                     int64_t pad_w = 1) {
  ConvSpec spec;
  spec.in_channels = in, spec.out_channels = out;
  spec.height = height, spec.width = width;
  spec.kernel_h = spec.kernel_w = 3;
  spec.pad_h = pad_h, spec.pad_w = pad_w;
  return spec;
}

/// Of sixteen channels, and back.
Tensor in_sixteens(const Tensor& plain, bool back = false) { return in_blocks(plain, 16, back); }

/// Whose last tiles are cut: one of so many strips that it goes by tiles on one thread, others by
/// channels, the last pair of them alone. Maps that grow and shrink by their pads.
std::vector<ConvSpec> specs() {
  return {padded_conv(64, 96, 26, 35),       padded_conv(80, 64, 50, 41),
          padded_conv(16, 64, 24, 24),       padded_conv(32, 32, 26, 51, 0, 0),
          padded_conv(48, 64, 24, 25, 2, 2), padded_conv(32, 96, 25, 27, 0, 2)};
}

TEST(WinogradConv, SumsAreTheDefinitionsToTheSameBitsOnAnyThreadCount) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  for (ConvSpec spec : specs()) {
    SCOPED_TRACE(joined(spec.weight_shape(), " of ", spec.input_shape()));
    ASSERT_TRUE(WinogradConv::suits(spec));
    const Tensor x = random_tensor(spec.input_shape(), 1),
                 bias = random_tensor({spec.out_channels}, 2);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    std::vector<double> expected = sums_of(spec, x, weight, bias);
    for (double& sum : expected) sum = std::max(sum, 0.0);
    spec.activation = relu;
    Tensor first;
    for (const int threads : {1, 2, 5}) {
      const Context context({}, threads);
      Tensor y({}, spec.output_shape());
      WinogradConv(context, spec, {weight}, nullptr)
          .run({in_sixteens(x).data(), y.data(), bias.data()});
      EXPECT_TRUE(
          near(in_sixteens(y, true).span(), std::span<const double>(expected), winograd_tolerance));
      if (threads == 1)
        first = std::move(y);
      else
        EXPECT_TRUE(same_bits(first, y)) << threads << " threads";
    }
  }
}

TEST(WinogradConv, GoesBackAndEndsWhereTheFeaturePasses) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  const ConvSpec spec = padded_conv(64, 96, 26, 35);
  const Tensor x = random_tensor(spec.input_shape(), 1);
  const Tensor weight = random_tensor({64, 96, 3, 3}, 3);  // that of the convolution from 96 to 64
  const Tensor feature = random_tensor(spec.output_shape(), 5, -9, 9);
  const Context context({}, 2);
  const WinogradConv conv(context, spec, {weight, true}, nullptr);
  const std::vector<double> all = gradients_of(padded_conv(96, 64, 26, 35), weight, x);
  for (const Activation activation : {none, relu, relu6}) {
    std::vector<double> expected = all;
    for (int64_t i = 0; i < std::ssize(all); ++i) {
      if (!passes(activation, feature.data()[i])) expected[i] = 0;
    }
    Tensor y({}, spec.output_shape());
    conv.run({in_sixteens(x).data(), y.data(), nullptr, {activation, in_sixteens(feature).data()}});
    EXPECT_TRUE(
        near(in_sixteens(y, true).span(), std::span<const double>(expected), winograd_tolerance));
  }
}

TEST(WinogradConv, NumbersThatAreNoneStaySo) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  ConvSpec spec = padded_conv(64, 64, 24, 24);
  spec.activation = relu6;
  Tensor x = random_tensor(spec.input_shape(), 1);
  x.data()[0] = NAN;
  const Tensor weight = random_tensor(spec.weight_shape(), 3);
  const Context context({}, 1);
  Tensor y({}, spec.output_shape());
  WinogradConv(context, spec, {weight}, nullptr).run({x.data(), y.data()});
  EXPECT_TRUE(std::isnan(y.data()[0]));
  EXPECT_FALSE(std::isnan(y.span().back()));
}

TEST(ConvToImage, SumsAreTheDefinitionsToTheSameBitsOnAnyThreadCount) {
  if (!cpu::register_tile::is_wide()) GTEST_SKIP() << "no AVX-512";
  for (const auto& [height, width] : {std::pair{11, 29}, {1, 1}, {8, 14}, {3, 8}}) {
    const ConvSpec spec = padded_conv(3, 48, height, width);
    SCOPED_TRACE(joined(spec.input_shape()));
    ASSERT_TRUE(ConvToImage::suits(spec));
    const Tensor dy = random_tensor(spec.output_shape(), 1);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    const std::vector<double> expected = gradients_of(spec, weight, dy);
    Tensor first({}, spec.input_shape()), other({}, spec.input_shape());
    const Context alone({}, 1);
    ConvToImage(alone, spec, weight).run(in_sixteens(dy).data(), first.data());
    EXPECT_TRUE(near(first.span(), std::span<const double>(expected), tolerance::dot_product));
    const Context context({}, 3);
    ConvToImage(context, spec, weight).run(in_sixteens(dy).data(), other.data());
    EXPECT_TRUE(same_bits(first, other));
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
