/// Convolution against hand-worked values, central differences and PyTorch.
#include "kernels/conv/conv.h"

#include "kernels/map/elementwise.h"
#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

/// A planned convolution between host tensors.
class ConvLayer {
 public:
  ConvLayer(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias)
      : context_(context),
        weight_(copied_to(context.device(), context, weight)),
        bias_(copied_to(context.device(), context, bias)),
        in_(context.device(), spec.input_shape()),
        out_(context.device(), spec.output_shape()),
        plan_(make_conv(context, spec, weight_, bias_)) {}

  Tensor forward(const Tensor& x) {
    copy(context_, x, in_);
    plan_->forward(in_, out_);
    return copied_to(Device{}, context_, out_);
  }
  /// From the gradient before the ReLU.
  Tensor backward(const Tensor& dy) {
    copy(context_, dy, out_);
    plan_->backward_data(out_, in_);
    return copied_to(Device{}, context_, in_);
  }
  /// From the gradient of the fused ReLU's output at x.
  Tensor backward_relu(const Tensor& x, const Tensor& dy) {
    const Tensor y = copied_to(context_.device(), context_, forward(x));
    Tensor masked = copied_to(context_.device(), context_, dy);
    activation_backward(context_, Activation::relu, y, masked, masked);
    return backward(copied_to(Device{}, context_, masked));
  }

 private:
  const Context& context_;
  Tensor weight_, bias_;
  Tensor in_, out_;  // on the device, kept: central differences call thousands of times
  std::unique_ptr<Conv> plan_;
};

/// The strides, paddings and groups of the cases in make_op_goldens.py; extents are the tensors'.
struct ConvCase {
  std::string name;
  int64_t stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0, groups = 1;
};
const std::vector<ConvCase>& conv_cases() {
  static const std::vector<ConvCase> cases{{"k1"},
                                           {"k1_stride2", 2, 2},
                                           {"k3", 1, 1, 1, 1},
                                           {"k3_wide", 1, 1, 1, 1},
                                           {"k3_stride2", 2, 2, 1, 1},
                                           {"k5x3", 2, 1, 2, 0},
                                           {"k7_stride2", 2, 2, 3, 3},
                                           {"k11_stride4", 4, 4, 2, 2},
                                           {"groups2", 1, 1, 1, 1, 2},
                                           {"depthwise", 2, 2, 1, 1, 6}};
  return cases;
}

ConvSpec spec_of(const ConvCase& given, const Shape& x, const Shape& weight,
                 Activation activation) {
  return {.batch = x[0],
          .in_channels = x[1],
          .height = x[2],
          .width = x[3],
          .out_channels = weight[0],
          .kernel_h = weight[2],
          .kernel_w = weight[3],
          .stride_h = given.stride_h,
          .stride_w = given.stride_w,
          .pad_h = given.pad_h,
          .pad_w = given.pad_w,
          .groups = given.groups,
          .activation = activation};
}

/// One 2x2 convolution of a 3x3 map with two output channels.
ConvSpec small_spec(Activation activation) {
  return {.in_channels = 1,
          .height = 3,
          .width = 3,
          .out_channels = 2,
          .kernel_h = 2,
          .kernel_w = 2,
          .activation = activation};
}
Tensor small_weight() { return floats({2, 1, 2, 2}, {1, 2, 3, 4, -1, 0, 0, 0}); }
Tensor small_bias() { return floats({2}, {0.5f, 1}); }
Tensor small_x() { return floats({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}); }

class ConvTest : public OnDevice {};

TEST_P(ConvTest, ForwardMatchesAHandWorkedCase) {
  ConvLayer plain(context(), small_spec(Activation::none), small_weight(), small_bias());
  EXPECT_TRUE(near(plain.forward(small_x()),
                   floats({1, 2, 2, 2}, {37.5f, 47.5f, 67.5f, 77.5f, 0, -1, -3, -4}), 0));
  ConvLayer rectified(context(), small_spec(Activation::relu), small_weight(), small_bias());
  EXPECT_TRUE(near(rectified.forward(small_x()),
                   floats({1, 2, 2, 2}, {37.5f, 47.5f, 67.5f, 77.5f, 0, 0, 0, 0}), 0));
}

TEST_P(ConvTest, BackwardMatchesAHandWorkedCase) {
  ConvLayer layer(context(), small_spec(Activation::none), small_weight(), small_bias());
  const Tensor dy = floats({1, 2, 2, 2}, {1, 0, 0, -1, 0, 0, 2, 0});
  EXPECT_TRUE(near(layer.backward(dy), floats({1, 1, 3, 3}, {1, 2, 0, 1, 3, -2, 0, -3, -4}), 0));
}

/// y, and dx of dy, by their definition, in double.
std::pair<std::vector<double>, std::vector<double>> direct(const ConvSpec& spec, const Tensor& x,
                                                           const Tensor& weight, const Tensor& bias,
                                                           const Tensor& dy) {
  const Shape in = spec.input_shape(), out = spec.output_shape(), w = spec.weight_shape();
  std::vector<double> y(out.elements()), dx(in.elements());
  const int64_t group_out = out[1] / spec.groups;
  for (int64_t at = 0; at < out.elements(); ++at) {
    const int64_t q = at % out[3], p = at / out[3] % out[2], k = at / out[3] / out[2] % out[1];
    const int64_t n = at / out[3] / out[2] / out[1];
    y[at] = bias.data()[k];
    for (int64_t tap = 0; tap < w[1] * w[2] * w[3]; ++tap) {
      const int64_t c = k / group_out * w[1] + tap / (w[2] * w[3]);
      const int64_t row = p * spec.stride_h - spec.pad_h + tap / w[3] % w[2] * spec.dilation_h;
      const int64_t column = q * spec.stride_w - spec.pad_w + tap % w[3] * spec.dilation_w;
      if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
      const int64_t from = ((n * in[1] + c) * in[2] + row) * in[3] + column;
      const double factor = weight.data()[k * w[1] * w[2] * w[3] + tap];
      y[at] += factor * x.data()[from];
      dx[from] += factor * dy.data()[at];
    }
  }
  return {y, dx};
}

TEST_P(ConvTest, UnevenKernelsMatchTheDefinition) {
  ConvSpec dilated{.batch = 2, .in_channels = 4, .height = 11, .width = 9, .out_channels = 6};
  dilated.kernel_h = dilated.kernel_w = 3;
  dilated.pad_h = dilated.pad_w = 2, dilated.dilation_h = dilated.dilation_w = 2;
  ConvSpec flat = dilated;  // 1x7, as Inception's
  flat.kernel_h = 1, flat.kernel_w = 7, flat.pad_h = 0, flat.pad_w = 3;
  flat.dilation_h = flat.dilation_w = 1;
  ConvSpec same = dilated;  // TensorFlow's SAME of an even map at stride 2
  same.height = 12, same.stride_h = same.stride_w = 2, same.pad_h = same.pad_w = 0;
  same.far_h = same.far_w = 1, same.dilation_h = same.dilation_w = 1;
  ConvSpec same_depthwise = same;
  same_depthwise.groups = 4, same_depthwise.out_channels = 8;
  ConvSpec uneven = dilated;
  uneven.stride_h = 2, uneven.far_h = -1, uneven.far_w = 2, uneven.dilation_w = 1;
  uneven.groups = 2;
  ConvSpec wide = dilated;  // enough channels for the ways that take plain kernels alone
  wide.in_channels = 64, wide.out_channels = 64, wide.height = wide.width = 24, wide.batch = 1;
  ConvSpec wide_far = wide;
  wide_far.dilation_h = wide_far.dilation_w = 1, wide_far.pad_h = wide_far.pad_w = 0;
  wide_far.far_h = wide_far.far_w = 2;
  for (const ConvSpec& spec : {dilated, flat, same, same_depthwise, uneven, wide, wide_far}) {
    SCOPED_TRACE(joined(spec.weight_shape(), ", dilation ", spec.dilation_h, ", far ", spec.far_h));
    const Tensor x = random_tensor(spec.input_shape(), 1),
                 dy = random_tensor(spec.output_shape(), 2);
    const Tensor weight = random_tensor(spec.weight_shape(), 3);
    const Tensor bias = random_tensor({spec.out_channels}, 4);
    ConvLayer layer(context(), spec, weight, bias);
    const auto [y, dx] = direct(spec, x, weight, bias, dy);
    EXPECT_TRUE(near(layer.forward(x).span(), std::span<const double>(y), tolerance::dot_product));
    EXPECT_TRUE(
        near(layer.backward(dy).span(), std::span<const double>(dx), tolerance::dot_product));
  }
}

TEST_P(ConvTest, ReLU6StopsAtSix) {
  ConvLayer layer(context(), small_spec(Activation::relu6), small_weight(), floats({2}, {-35, 5}));
  EXPECT_TRUE(near(layer.forward(small_x()), floats({1, 2, 2, 2}, {2, 6, 6, 6, 4, 3, 1, 0}), 0));
}

TEST_P(ConvTest, ForwardAndGradientMatchPyTorch) {
  const GoldenFile golden;
  for (const ConvCase& given : conv_cases()) {
    SCOPED_TRACE(given.name);
    const std::string at = "conv." + given.name + ".";
    const Tensor x = golden.floats(at + "x"), weight = golden.floats(at + "weight");
    const Tensor bias = golden.floats(at + "bias"), y = golden.floats(at + "y");
    const Tensor dy = golden.floats(at + "dy");
    ConvLayer plain(context(), spec_of(given, x.shape(), weight.shape(), Activation::none), weight,
                    bias);
    EXPECT_TRUE(near(plain.forward(x), y, tolerance::dot_product));
    EXPECT_TRUE(near(plain.backward(dy), golden.floats(at + "dx"), tolerance::dot_product));

    Tensor positive = copy_tensor(y);
    for (float& value : positive.span()) value = std::max(value, 0.0f);
    ConvLayer rectified(context(), spec_of(given, x.shape(), weight.shape(), Activation::relu),
                        weight, bias);
    EXPECT_TRUE(near(rectified.forward(x), positive, tolerance::dot_product));
    EXPECT_TRUE(near(rectified.backward_relu(x, dy), golden.floats(at + "dx_relu"),
                     tolerance::dot_product));
  }
}

/// The convolution's outputs, in double.
Tensor reference(const ConvSpec& s, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Tensor y({}, s.output_shape());
  float* to = y.data();
  for (int64_t plane = 0; plane < s.batch * s.out_channels; ++plane) {
    const int64_t image = plane / s.out_channels, k = plane % s.out_channels;
    for (int64_t cell = 0; cell < s.out_height() * s.out_width(); ++cell) {
      const int64_t top = cell / s.out_width() * s.stride_h - s.pad_h;
      const int64_t left = cell % s.out_width() * s.stride_w - s.pad_w;
      double sum = bias.data()[k];
      for (int64_t tap = 0; tap < s.in_channels * s.kernel_h * s.kernel_w; ++tap) {
        const int64_t c = tap / (s.kernel_h * s.kernel_w);
        const int64_t row = top + tap / s.kernel_w % s.kernel_h, column = left + tap % s.kernel_w;
        if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
        sum += double{weight.data()[k * s.in_channels * s.kernel_h * s.kernel_w + tap]} *
               x.data()[((image * s.in_channels + c) * s.height + row) * s.width + column];
      }
      *to++ = static_cast<float>(s.activation == Activation::relu ? std::max(sum, 0.0) : sum);
    }
  }
  return y;
}

TEST_P(ConvTest, ForwardMatchesDoubleWhicheverWayTheExtentsSuit) {
  const ConvSpec three{.in_channels = 40,
                       .height = 14,
                       .width = 14,
                       .out_channels = 48,
                       .kernel_h = 3,
                       .kernel_w = 3,
                       .pad_h = 1,
                       .pad_w = 1,
                       .activation = Activation::relu};
  ConvSpec odd = three, strided = three, pointwise = three, long_sum = three;
  odd.batch = 3, odd.height = 7, odd.width = 9;
  strided.stride_h = strided.stride_w = 2;
  pointwise.batch = 2, pointwise.kernel_h = pointwise.kernel_w = 1;
  pointwise.pad_h = pointwise.pad_w = 0;
  long_sum.in_channels = 33, long_sum.kernel_h = 5, long_sum.kernel_w = 5;
  for (const ConvSpec& spec : {three, odd, strided, pointwise, long_sum}) {
    SCOPED_TRACE(joined(spec.input_shape(), " by ", spec.weight_shape()));
    const Tensor x = random_tensor(spec.input_shape(), 1);
    const Tensor weight = random_tensor(spec.weight_shape(), 2);
    const Tensor bias = random_tensor({spec.out_channels}, 3);
    ConvLayer layer(context(), spec, weight, bias);
    EXPECT_TRUE(near(layer.forward(x), reference(spec, x, weight, bias), tolerance::dot_product));
  }
}

/// Zeros, but in some channels, of which one has its only value in the last image.
Tensor mostly_zero(const Shape& shape) {
  Tensor x = random_tensor(shape, 4);
  const int64_t channels = shape[1], plane = shape[2] * shape[3], last = (shape[0] - 1) * channels;
  for (int64_t i = 0; i < shape[0] * channels; ++i) {
    float* map = x.data() + i * plane;
    if (i % channels % 3 == 1) continue;
    std::fill_n(map, plane, 0.0f);
    if (i - last == 5) map[plane - 1] = 1;
  }
  return x;
}

TEST_P(ConvTest, ManySmallMapsMatchDouble) {
  const ConvSpec tile{.batch = 66,
                      .in_channels = 66,
                      .height = 5,
                      .width = 5,
                      .out_channels = 17,
                      .kernel_h = 3,
                      .kernel_w = 3};
  ConvSpec wide = tile, padded = tile, tiles = tile, strided = tile, pointwise = tile, flat = tile;
  wide.out_channels = 131;
  padded.pad_h = padded.pad_w = 1, padded.activation = Activation::relu;
  tiles.height = 6, tiles.width = 8, tiles.batch = 17;
  strided.stride_h = strided.stride_w = 2;
  pointwise.kernel_h = pointwise.kernel_w = 1, pointwise.height = 1,
  pointwise.activation = Activation::relu;
  flat.height = 3;
  for (const ConvSpec& spec : {tile, wide, padded, tiles, strided, pointwise, flat}) {
    const Tensor weight = random_tensor(spec.weight_shape(), 2);
    const Tensor bias = random_tensor({spec.out_channels}, 3);
    ConvLayer layer(context(), spec, weight, bias);
    for (const Tensor& x :
         {random_tensor(spec.input_shape(), 1), mostly_zero(spec.input_shape()),
          floats(spec.input_shape(), std::vector<float>(spec.input_shape().elements()))}) {
      SCOPED_TRACE(joined(spec.input_shape(), " to ", spec.output_shape()));
      const Tensor y = layer.forward(x);
      EXPECT_TRUE(near(y, reference(spec, x, weight, bias), tolerance::dot_product));
      EXPECT_TRUE(same_bits(layer.forward(x), y));
    }
  }
}

/// Every product's remainder: ablation's drops are differences between images of a batch. cuDNN and
/// cuBLAS promise nothing.
TEST(ConvCpuTest, EqualImagesOfABatchGetEqualBits) {
  const Context context({}, 2);
  for (const int64_t batch : {64, 67, 130, 258, 514}) {
    for (const int64_t channels : {70, 260}) {
      ConvSpec tile{.batch = batch,
                    .in_channels = channels,
                    .height = 5,
                    .width = 5,
                    .out_channels = 147,
                    .kernel_h = 3,
                    .kernel_w = 3};
      ConvSpec cells = tile, unit = tile;
      cells.height = cells.width = 4;
      unit.height = unit.width = unit.kernel_h = unit.kernel_w = 1;
      for (const ConvSpec& spec : {tile, cells, unit}) {
        SCOPED_TRACE(joined(spec.input_shape(), " to ", spec.output_shape()));
        Tensor x = random_tensor(spec.input_shape(), 1);
        const int64_t size = x.elements() / batch, outputs = spec.output_shape().elements() / batch;
        for (int64_t i = 1; i < batch; ++i) std::copy_n(x.data(), size, x.data() + i * size);
        ConvLayer layer(context, spec, random_tensor(spec.weight_shape(), 2),
                        random_tensor({spec.out_channels}, 3));
        const Tensor y = layer.forward(x);
        for (int64_t i = 1; i < batch; ++i) {
          ASSERT_TRUE(std::equal(y.data(), y.data() + outputs, y.data() + i * outputs)) << i;
        }
      }
    }
  }
}

TEST_P(ConvTest, GradientMatchesCentralDifferences) {
  constexpr float step = 0.125f;
  const GoldenFile golden;
  for (const ConvCase& given : conv_cases()) {
    SCOPED_TRACE(given.name);
    const std::string at = "conv." + given.name + ".";
    const Tensor x = golden.floats(at + "x"), weight = golden.floats(at + "weight");
    const ConvSpec spec = spec_of(given, x.shape(), weight.shape(), Activation::none);
    ConvLayer layer(context(), spec, weight, golden.floats(at + "bias"));
    const Tensor cotangent = random_tensor(spec.output_shape(), 1);
    EXPECT_TRUE(is_gradient(
        layer.backward(cotangent), [&](const Tensor& moved) { return layer.forward(moved); }, x,
        cotangent, step, tolerance::linear_difference));
  }
}

TEST_P(ConvTest, GradientThroughTheFusedReluMatchesCentralDifferences) {
  constexpr float step = 0x1p-5f;  // moves no output by more than `step`, as no weight exceeds 1
  const GoldenFile golden;
  for (const ConvCase& given : conv_cases()) {
    SCOPED_TRACE(given.name);
    const std::string at = "conv." + given.name + ".";
    const Tensor x = golden.floats(at + "x"), weight = golden.floats(at + "weight");
    const ConvSpec spec = spec_of(given, x.shape(), weight.shape(), Activation::relu);
    ConvLayer layer(context(), spec, weight, golden.floats(at + "bias"));
    const Tensor before_relu = golden.floats(at + "y");
    Tensor cotangent = random_tensor(spec.output_shape(), 2);
    for (int64_t i = 0; i < cotangent.elements(); ++i) {  // keep off the ReLU's bend
      if (std::abs(before_relu.data()[i]) < 2 * step) cotangent.data()[i] = 0;
    }
    EXPECT_TRUE(is_gradient(
        layer.backward_relu(x, cotangent),
        [&](const Tensor& moved) { return layer.forward(moved); }, x, cotangent, step,
        tolerance::linear_difference));
  }
}

TEST_P(ConvTest, RepeatedCallsGiveTheSameBits) {
  const GoldenFile golden;
  for (const ConvCase& given : conv_cases()) {
    SCOPED_TRACE(given.name);
    const std::string at = "conv." + given.name + ".";
    const Tensor x = golden.floats(at + "x"), weight = golden.floats(at + "weight");
    const Tensor dy = golden.floats(at + "dy");
    const ConvSpec spec = spec_of(given, x.shape(), weight.shape(), Activation::relu);
    ConvLayer layer(context(), spec, weight, golden.floats(at + "bias"));
    const Tensor y = layer.forward(x), dx = layer.backward(dy);
    for (int i = 0; i < 30; ++i) {
      ASSERT_TRUE(same_bits(layer.forward(x), y)) << "call " << i;
      ASSERT_TRUE(same_bits(layer.backward(dy), dx)) << "call " << i;
    }
  }
}

TEST_P(ConvTest, MakeRefusesExtentsThatDoNotFitTogether) {
  const auto refused = [&](auto change) {
    ConvSpec spec = small_spec(Activation::none);
    change(spec);
    const Tensor weight = to_device(small_weight()), bias = to_device(small_bias());
    EXPECT_THROW(make_conv(context(), spec, weight, bias), Error);
  };
  refused([](ConvSpec& spec) { spec.kernel_h = 3; });      // not the weight's
  refused([](ConvSpec& spec) { spec.out_channels = 3; });  // not the weight's
  refused([](ConvSpec& spec) { spec.in_channels = 2; });   // not the weight's
  refused([](ConvSpec& spec) { spec.groups = 2; });        // does not divide one channel
  refused([](ConvSpec& spec) { spec.stride_w = 0; });
  refused([](ConvSpec& spec) { spec.pad_h = -1; });
  refused([](ConvSpec& spec) { spec.batch = 0; });
  refused([](ConvSpec& spec) { spec.height = 1; });  // smaller than the kernel
  refused([](ConvSpec& spec) { spec.height = 0, spec.pad_h = 1; });
  const Tensor weight = to_device(small_weight()), bias = to_device(floats({3}, {1, 2, 3}));
  EXPECT_THROW(make_conv(context(), small_spec(Activation::none), weight, bias), Error);
}

TEST_P(ConvTest, RunRefusesTensorsOfOtherExtents) {
  const Tensor weight = to_device(small_weight()), bias = to_device(small_bias());
  const auto conv = make_conv(context(), small_spec(Activation::none), weight, bias);
  Tensor x = empty({1, 1, 3, 3}), y = empty({1, 2, 2, 2}), wrong = empty({1, 1, 3, 4});
  EXPECT_THROW(conv->forward(wrong, y), Error);
  EXPECT_THROW(conv->forward(x, wrong), Error);
  EXPECT_THROW(conv->backward_data(wrong, x), Error);
  EXPECT_THROW(conv->backward_data(y, wrong), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ConvTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
