/// The linear layer against hand-worked values, central differences and PyTorch.
#include "kernels/conv/linear.h"

#include "kernels/map/elementwise.h"
#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

/// A planned linear layer between host tensors.
class LinearLayer {
 public:
  LinearLayer(const Context& context, int64_t batch, Activation activation, const Tensor& weight,
              const Tensor& bias)
      : context_(context),
        weight_(copied_to(context.device(), context, weight)),
        bias_(copied_to(context.device(), context, bias)),
        plan_(make_linear(context, {batch, weight.shape()[1], weight.shape()[0], activation},
                          weight_, bias_)) {}

  Tensor forward(const Tensor& x) {
    Tensor y(context_.device(), {plan_->spec().batch, plan_->spec().out_units});
    plan_->forward(copied_to(context_.device(), context_, x), y);
    return copied_to(Device{}, context_, y);
  }
  /// From the gradient before the ReLU, to a map of x's shape.
  Tensor backward(const Tensor& dy, const Shape& x) {
    Tensor dx(context_.device(), x);
    plan_->backward_data(copied_to(context_.device(), context_, dy), dx);
    return copied_to(Device{}, context_, dx);
  }
  /// From the gradient of the fused ReLU's output at x.
  Tensor backward_relu(const Tensor& x, const Tensor& dy) {
    const Tensor y = copied_to(context_.device(), context_, forward(x));
    Tensor masked = copied_to(context_.device(), context_, dy);
    activation_backward(context_, Activation::relu, y, masked, masked);
    return backward(copied_to(Device{}, context_, masked), x.shape());
  }

 private:
  const Context& context_;
  Tensor weight_, bias_;
  std::unique_ptr<Linear> plan_;
};

Tensor two_units() { return floats({2, 3}, {1, 2, 3, 4, 5, 6}); }
Tensor two_biases() { return floats({2}, {0.5f, -20}); }

class LinearTest : public OnDevice {};

TEST_P(LinearTest, ForwardMatchesAHandWorkedCase) {
  const Tensor x = floats({1, 3}, {1, 1, 1});
  LinearLayer plain(context(), 1, Activation::none, two_units(), two_biases());
  EXPECT_TRUE(near(plain.forward(x), floats({1, 2}, {6.5f, -5}), 0));
  LinearLayer rectified(context(), 1, Activation::relu, two_units(), two_biases());
  EXPECT_TRUE(near(rectified.forward(x), floats({1, 2}, {6.5f, 0}), 0));
}

TEST_P(LinearTest, BackwardMatchesAHandWorkedCase) {
  LinearLayer layer(context(), 2, Activation::none, two_units(), two_biases());
  const Tensor dy = floats({2, 2}, {2, -1, 0, 1});
  EXPECT_TRUE(near(layer.backward(dy, {2, 3}), floats({2, 3}, {-2, -1, 0, 4, 5, 6}), 0));
}

TEST_P(LinearTest, AMapIsFlattenedAsInPyTorch) {
  const GoldenFile golden;
  const Tensor x = golden.floats("linear.map.x"), weight = golden.floats("linear.map.weight");
  const Tensor bias = golden.floats("linear.map.bias"), y = golden.floats("linear.map.y");
  const Tensor dy = golden.floats("linear.map.dy");
  LinearLayer plain(context(), x.shape()[0], Activation::none, weight, bias);
  EXPECT_TRUE(near(plain.forward(x), y, tolerance::dot_product));
  EXPECT_TRUE(
      near(plain.backward(dy, x.shape()), golden.floats("linear.map.dx"), tolerance::dot_product));

  Tensor positive = copy_tensor(y);
  for (float& value : positive.span()) value = std::max(value, 0.0f);
  LinearLayer rectified(context(), x.shape()[0], Activation::relu, weight, bias);
  EXPECT_TRUE(near(rectified.forward(x), positive, tolerance::dot_product));
  EXPECT_TRUE(near(rectified.backward_relu(x, dy), golden.floats("linear.map.dx_relu"),
                   tolerance::dot_product));
}

TEST_P(LinearTest, GradientMatchesCentralDifferences) {
  const Tensor weight = random_tensor({9, 37}, 1), bias = random_tensor({9}, 2);
  for (const int64_t batch : {1, 3}) {
    SCOPED_TRACE(joined("batch ", batch));
    const Tensor x = random_tensor({batch, 37}, 3), cotangent = random_tensor({batch, 9}, 4);
    LinearLayer layer(context(), batch, Activation::none, weight, bias);
    EXPECT_TRUE(is_gradient(
        layer.backward(cotangent, x.shape()),
        [&](const Tensor& moved) { return layer.forward(moved); }, x, cotangent, 0.125f,
        tolerance::linear_difference));
  }
}

TEST_P(LinearTest, GradientThroughTheFusedReluMatchesCentralDifferences) {
  constexpr float step = 0x1p-5f;  // moves no output by more than `step`, as no weight exceeds 1
  const Tensor weight = random_tensor({9, 37}, 1), bias = random_tensor({9}, 2);
  const Tensor x = random_tensor({2, 37}, 3);
  LinearLayer layer(context(), 2, Activation::relu, weight, bias);
  const Tensor before_relu = LinearLayer(context(), 2, Activation::none, weight, bias).forward(x);
  Tensor cotangent = random_tensor({2, 9}, 4);
  for (int64_t i = 0; i < cotangent.elements(); ++i) {  // keep off the ReLU's bend
    if (std::abs(before_relu.data()[i]) < 2 * step) cotangent.data()[i] = 0;
  }
  EXPECT_TRUE(is_gradient(
      layer.backward_relu(x, cotangent), [&](const Tensor& moved) { return layer.forward(moved); },
      x, cotangent, step, tolerance::linear_difference));
}

TEST_P(LinearTest, RepeatedCallsGiveTheSameBits) {
  const Tensor weight = random_tensor({100, 512}, 1), bias = random_tensor({100}, 2);
  const Tensor x = random_tensor({1, 512}, 3), dy = random_tensor({1, 100}, 4);
  LinearLayer layer(context(), 1, Activation::none, weight, bias);
  const Tensor y = layer.forward(x), dx = layer.backward(dy, {1, 512});
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(same_bits(layer.forward(x), y)) << "call " << i;
    ASSERT_TRUE(same_bits(layer.backward(dy, {1, 512}), dx)) << "call " << i;
  }
}

/// Every remainder of the CPU's tiles of images, rows and lanes. On the CPU to the bit.
TEST_P(LinearTest, AnImageHasTheSameValuesInAnyBatch) {
  const bool on_cpu = GetParam().kind == DeviceKind::cpu;
  const Tensor weight = random_tensor({11, 45}, 1), bias = random_tensor({11}, 2);
  const Tensor x = random_tensor({7, 45}, 3);
  const Tensor all = LinearLayer(context(), 7, Activation::none, weight, bias).forward(x);
  for (int64_t batch = 1; batch < 7; ++batch) {
    SCOPED_TRACE(joined("batch ", batch));
    const Tensor few = floats({batch, 45}, {x.data(), x.data() + batch * 45});
    const Tensor y = LinearLayer(context(), batch, Activation::none, weight, bias).forward(few);
    const Tensor expected = floats({batch, 11}, {all.data(), all.data() + batch * 11});
    EXPECT_TRUE(on_cpu ? same_bits(y, expected) : near(y, expected, tolerance::dot_product));
  }
}

TEST_P(LinearTest, VariantsAreTheSameWithoutTheUnitsThatAreZeroInAll) {
  constexpr int64_t batch = 70, in = 300, out = 131;
  const Tensor weight = to_device(random_tensor({out, in}, 1));
  const Tensor bias = to_device(random_tensor({out}, 2));
  Tensor some = random_tensor({batch, in}, 3);
  for (int64_t i = 0; i < batch * in; ++i) some.data()[i] *= i % in % 3 == 1 ? 1.0f : 0.0f;
  some.data()[batch * in - 1] = 1;
  const Tensor none = floats({batch, in}, std::vector<float>(batch * in));
  for (const Tensor* x : {&std::as_const(some), &none}) {
    const Tensor from = to_device(*x);
    Tensor plain = empty({batch, out}), variants = empty({batch, out});
    make_linear(context(), {batch, in, out, Activation::relu}, weight, bias)->forward(from, plain);
    make_linear(context(), {batch, in, out, Activation::relu, "", true}, weight, bias)
        ->forward(from, variants);
    EXPECT_TRUE(near(to_host(variants), to_host(plain), tolerance::dot_product));
  }
}

TEST_P(LinearTest, MakeRefusesExtentsThatDoNotFitTogether) {
  const Tensor weight = to_device(two_units()), bias = to_device(two_biases());
  const Tensor long_bias = to_device(floats({3}, {1, 2, 3}));
  EXPECT_THROW(make_linear(context(), {1, 2, 3}, weight, bias), Error);  // in and out swapped
  EXPECT_THROW(make_linear(context(), {0, 3, 2}, weight, bias), Error);
  EXPECT_THROW(make_linear(context(), {1, 0, 2}, weight, bias), Error);
  EXPECT_THROW(make_linear(context(), {1, 3, 2}, weight, long_bias), Error);
}

TEST_P(LinearTest, RunRefusesTensorsOfOtherExtents) {
  const Tensor weight = to_device(two_units()), bias = to_device(two_biases());
  const auto linear = make_linear(context(), {2, 3, 2}, weight, bias);
  Tensor x = empty({2, 3}), y = empty({2, 2}), wrong = empty({2, 4});
  EXPECT_THROW(linear->forward(wrong, y), Error);
  EXPECT_THROW(linear->forward(x, wrong), Error);
  EXPECT_THROW(linear->backward_data(wrong, x), Error);
  EXPECT_THROW(linear->backward_data(y, wrong), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, LinearTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
