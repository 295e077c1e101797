/// Convolution against hand-worked values, central differences and PyTorch.
#include "tests/kernels/conv_testing.h"
#include "tests/support/golden_file.h"

namespace hdecomp::op_testing {
namespace {

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
