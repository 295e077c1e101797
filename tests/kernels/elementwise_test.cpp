/// ReLU and add against hand-worked values, central differences and PyTorch.
#include "kernels/map/elementwise.h"

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class ElementwiseTest : public OnDevice {
 protected:
  Tensor relu(const Tensor& x) const {
    Tensor y = empty(x.shape());
    relu_forward(context(), to_device(x), y);
    return to_host(y);
  }
  Tensor relu_gradient(const Tensor& y, const Tensor& dy) const {
    Tensor dx = empty(y.shape());
    relu_backward(context(), to_device(y), to_device(dy), dx);
    return to_host(dx);
  }
  Tensor add(const Tensor& a, const Tensor& b, bool with_relu) const {
    Tensor y = empty(a.shape());
    add_forward(context(), to_device(a), to_device(b), with_relu, y);
    return to_host(y);
  }
};

TEST_P(ElementwiseTest, ReluKeepsPositiveValuesAlone) {
  EXPECT_TRUE(
      same_bits(relu(floats({5}, {-1, 0, 2, -0.0f, 1e-30f})), floats({5}, {0, 0, 2, 0, 1e-30f})));
}

TEST_P(ElementwiseTest, ReluKeepsANaN) {
  const float nan = std::nanf("");
  const Tensor x = floats({5}, {-1, nan, 2, 3, nan});
  for (const Tensor& y : {relu(x), add(x, floats({5}, {0, 0, 0, 0, 0}), true)}) {
    for (const int i : {1, 4}) EXPECT_TRUE(std::isnan(y.data()[i]));
    EXPECT_EQ(y.data()[0], 0);
  }
}

TEST_P(ElementwiseTest, EveryElementIsReachedAtAnySizeAndAlignment) {
  const Context cpu({}, 2);
  for (const int64_t n : {1, 3, 4, 31, 33, 1021, 1025, 4099}) {
    for (const int64_t shift : {0, 1}) {  // elements; beyond 0 no more on 16 bytes
      SCOPED_TRACE(text(n, " elements, ", shift, " further"));
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
      relu_forward(cpu, a, expected);
      relu_forward(context(), x, y);
      expect_equal();
      relu_backward(cpu, a, b, expected);
      relu_backward(context(), x, other, y);
      expect_equal();
      for (const bool with_relu : {false, true}) {
        add_forward(cpu, a, b, with_relu, expected);
        add_forward(context(), x, other, with_relu, y);
        expect_equal();
      }
    }
  }
}

TEST_P(ElementwiseTest, ReluGradientIsZeroWhereTheOutputIs) {
  const Tensor y = floats({4}, {0, 0, 2, 1e-30f}), dy = floats({4}, {5, -6, 7, -8});
  EXPECT_TRUE(same_bits(relu_gradient(y, dy), floats({4}, {0, 0, 7, -8})));
}

TEST_P(ElementwiseTest, AddSumsAndRectifies) {
  const Tensor a = floats({2, 2}, {1, -2, 3, -4}), b = floats({2, 2}, {2, 1, -3, -4});
  EXPECT_TRUE(same_bits(add(a, b, false), floats({2, 2}, {3, -1, 0, -8})));
  EXPECT_TRUE(same_bits(add(a, b, true), floats({2, 2}, {3, 0, 0, 0})));
}

TEST_P(ElementwiseTest, OutputsMayBeInputs) {
  Tensor dy = to_device(floats({3}, {5, 6, 7}));
  relu_backward(context(), to_device(floats({3}, {1, 0, 2})), dy, dy);
  EXPECT_TRUE(same_bits(to_host(dy), floats({3}, {5, 0, 7})));

  Tensor a = to_device(floats({3}, {1, 2, 3}));
  const Tensor b = to_device(floats({3}, {-2, 2, 2}));
  add_forward(context(), a, b, true, a);
  EXPECT_TRUE(same_bits(to_host(a), floats({3}, {0, 4, 5})));
  Tensor y = to_device(floats({3}, {1, 1, 1}));
  add_forward(context(), b, y, false, y);
  EXPECT_TRUE(same_bits(to_host(y), floats({3}, {-1, 3, 3})));
}

TEST_P(ElementwiseTest, ValuesAndGradientsMatchPyTorch) {
  const GoldenFile golden;
  const auto get = [&](const char* name) { return golden.floats(text("elementwise.", name)); };
  const Tensor a = get("a"), b = get("b"), dy = get("dy");
  EXPECT_TRUE(same_bits(relu(a), get("relu")));
  EXPECT_TRUE(same_bits(relu_gradient(relu(a), dy), get("dx_relu")));
  EXPECT_TRUE(near(add(a, b, false), get("sum"), tolerance::few_roundings));
  EXPECT_TRUE(near(add(a, b, true), get("sum_relu"), tolerance::few_roundings));
  EXPECT_TRUE(same_bits(relu_gradient(add(a, b, true), dy), get("da_sum_relu")));
}

TEST_P(ElementwiseTest, GradientsMatchCentralDifferences) {
  constexpr float step = 0x1p-5f;
  const Shape shape{1, 3, 5, 4};
  const Tensor x = spread_tensor(shape, 1, 0.25f), cotangent = random_tensor(shape, 2);
  EXPECT_TRUE(is_gradient(
      relu_gradient(relu(x), cotangent), [&](const Tensor& moved) { return relu(moved); }, x,
      cotangent, step, tolerance::linear_difference));

  const Tensor zero = random_tensor(shape, 3, 0, 0);  // a sum's bend stays where x's is
  EXPECT_TRUE(is_gradient(
      relu_gradient(add(x, zero, true), cotangent),
      [&](const Tensor& moved) { return add(moved, zero, true); }, x, cotangent, step,
      tolerance::linear_difference));
  const Tensor b = random_tensor(shape, 4);
  EXPECT_TRUE(is_gradient(
      cotangent, [&](const Tensor& moved) { return add(b, moved, false); }, x, cotangent, step,
      tolerance::linear_difference));
}

TEST_P(ElementwiseTest, OtherExtentsAreRefused) {
  Tensor x = empty({2, 3}), wrong = empty({3, 2});
  EXPECT_THROW(relu_forward(context(), x, wrong), Error);
  EXPECT_THROW(relu_backward(context(), x, wrong, x), Error);
  EXPECT_THROW(relu_backward(context(), x, x, wrong), Error);
  EXPECT_THROW(add_forward(context(), x, wrong, false, x), Error);
  EXPECT_THROW(add_forward(context(), x, x, true, wrong), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ElementwiseTest, ::testing::ValuesIn(test_devices()),
                         device_name);

}  // namespace
}  // namespace hdecomp::op_testing
