/// Activations and add against hand-worked values, central differences and PyTorch.
#include "kernels/map/elementwise.h"

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using enum Activation;

class ElementwiseTest : public OnDevice {
 protected:
  Tensor gradient(Activation activation, const Tensor& y, const Tensor& dy) const {
    Tensor dx = empty(y.shape());
    activation_backward(context(), activation, to_device(y), to_device(dy), dx);
    return to_host(dx);
  }
  Tensor add(const Tensor& a, const Tensor& b, Activation activation) const {
    Tensor y = empty(a.shape());
    add_forward(context(), to_device(a), to_device(b), activation, y);
    return to_host(y);
  }
};

TEST_P(ElementwiseTest, ReluKeepsANaN) {
  const float nan = std::nanf("");
  const Tensor y = add(floats({5}, {-1, nan, 2, 3, nan}), floats({5}, {0, 0, 0, 0, 0}), relu);
  for (const int i : {1, 4}) EXPECT_TRUE(std::isnan(y.data()[i]));
  EXPECT_EQ(y.data()[0], 0);
}

TEST_P(ElementwiseTest, EveryElementIsReachedAtAnySizeAndAlignment) {
  const Context cpu({}, 2);
  for (const int64_t n : {1, 3, 4, 31, 33, 1021, 1025, 4099}) {
    for (const int64_t shift : {0, 1}) {  // elements; beyond 0 no more on 16 bytes
      SCOPED_TRACE(joined(n, " elements, ", shift, " further"));
      const Tensor a = random_tensor({n + shift}, 1), b = random_tensor({n + shift}, 2);
      Tensor expected({}, {n + shift}), there_a = to_device(a), there_b = to_device(b);
      Tensor there_y = empty({n + shift});
      const Tensor x(GetParam(), {n}, there_a.data() + shift);
      const Tensor other(GetParam(), {n}, there_b.data() + shift);
      Tensor y(GetParam(), {n}, there_y.data() + shift);
      const auto expect_equal = [&] {
        const Tensor got = to_host(y);
        EXPECT_TRUE(std::ranges::equal(got.span(), expected.span().subspan(shift)));
      };
      for (const Activation activation : {none, relu}) {
        activation_backward(cpu, activation, a, b, expected);
        activation_backward(context(), activation, x, other, y);
        expect_equal();
        add_forward(cpu, a, b, activation, expected);
        add_forward(context(), x, other, activation, y);
        expect_equal();
      }
    }
  }
}

TEST_P(ElementwiseTest, ReluGradientIsZeroWhereTheOutputIs) {
  const Tensor y = floats({4}, {0, 0, 2, 1e-30f}), dy = floats({4}, {5, -6, 7, -8});
  EXPECT_TRUE(same_bits(gradient(relu, y, dy), floats({4}, {0, 0, 7, -8})));
  EXPECT_TRUE(same_bits(gradient(none, y, dy), dy));
}

TEST_P(ElementwiseTest, AddSumsAndRectifies) {
  const Tensor a = floats({2, 2}, {1, -2, 3, -4}), b = floats({2, 2}, {2, 1, -3, -4});
  EXPECT_TRUE(same_bits(add(a, b, none), floats({2, 2}, {3, -1, 0, -8})));
  EXPECT_TRUE(same_bits(add(a, b, relu), floats({2, 2}, {3, 0, 0, 0})));
}

TEST_P(ElementwiseTest, OutputsMayBeInputs) {
  Tensor dy = to_device(floats({3}, {5, 6, 7}));
  activation_backward(context(), relu, to_device(floats({3}, {1, 0, 2})), dy, dy);
  EXPECT_TRUE(same_bits(to_host(dy), floats({3}, {5, 0, 7})));

  Tensor a = to_device(floats({3}, {1, 2, 3}));
  const Tensor b = to_device(floats({3}, {-2, 2, 2}));
  add_forward(context(), a, b, relu, a);
  EXPECT_TRUE(same_bits(to_host(a), floats({3}, {0, 4, 5})));
  Tensor y = to_device(floats({3}, {1, 1, 1}));
  add_forward(context(), b, y, none, y);
  EXPECT_TRUE(same_bits(to_host(y), floats({3}, {-1, 3, 3})));
}

TEST_P(ElementwiseTest, ValuesAndGradientsMatchPyTorch) {
  const GoldenFile golden;
  const auto get = [&](const char* name) { return golden.floats(joined("elementwise.", name)); };
  const Tensor a = get("a"), b = get("b"), dy = get("dy");
  EXPECT_TRUE(same_bits(gradient(relu, get("relu"), dy), get("dx_relu")));
  EXPECT_TRUE(near(add(a, b, none), get("sum"), tolerance::few_roundings));
  EXPECT_TRUE(near(add(a, b, relu), get("sum_relu"), tolerance::few_roundings));
  EXPECT_TRUE(same_bits(gradient(relu, add(a, b, relu), dy), get("da_sum_relu")));
}

TEST_P(ElementwiseTest, GradientsMatchCentralDifferences) {
  constexpr float step = 0x1p-5f;
  const Shape shape{1, 3, 5, 4};
  const Tensor x = spread_tensor(shape, 1, 0.25f), cotangent = random_tensor(shape, 2);
  const Tensor zero = random_tensor(shape, 3, 0, 0);  // a sum's bend stays where x's is
  EXPECT_TRUE(is_gradient(
      gradient(relu, add(x, zero, relu), cotangent),
      [&](const Tensor& moved) { return add(moved, zero, relu); }, x, cotangent, step,
      tolerance::linear_difference));
  const Tensor b = random_tensor(shape, 4);
  EXPECT_TRUE(is_gradient(
      cotangent, [&](const Tensor& moved) { return add(b, moved, none); }, x, cotangent, step,
      tolerance::linear_difference));
}

TEST_P(ElementwiseTest, OtherExtentsAreRefused) {
  Tensor x = empty({2, 3}), wrong = empty({3, 2});
  EXPECT_THROW(activation_backward(context(), relu, x, wrong, x), Error);
  EXPECT_THROW(activation_backward(context(), relu, x, x, wrong), Error);
  EXPECT_THROW(add_forward(context(), x, wrong, none, x), Error);
  EXPECT_THROW(add_forward(context(), x, x, relu, wrong), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ElementwiseTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
