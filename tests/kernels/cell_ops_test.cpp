/// The cell ops against hand-worked values, and their gradients against central differences.
#include "tests/kernels/cell_ops_testing.h"

namespace hdecomp::op_testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Devices, CellOps, ::testing::ValuesIn(test_devices()), device_name);

constexpr float smooth_step = 0x1p-6f;

struct Known {
  ScalarFunction function;
  std::vector<float> at, values, derivatives;
};

/// Values from Python's math in float64; derivatives at corners are this library's rule.
TEST_P(CellOps, FunctionsHaveTheirValuesAndDerivatives) {
  const std::vector<Known> cases{
      {{Function::clip, 0, 6}, {-1, 0, 3, 6, 7}, {0, 0, 3, 6, 6}, {0, 1, 1, 1, 0}},
      {{Function::leaky_relu, 0.1f}, {-2, 0, 3}, {-0.2f, 0, 3}, {0.1f, 1, 1}},
      {{Function::elu, 2}, {-1, 0, 2}, {-1.26424112f, 0, 2}, {0.735758882f, 1, 1}},
      {{Function::sigmoid}, {-100, 0, 2}, {0, 0.5f, 0.880797078f}, {0, 0.25f, 0.104993585f}},
      {{Function::hard_sigmoid, 0.2f, 0.5f}, {-3, 0, 1, 4}, {0, 0.5f, 0.7f, 1}, {0, 0.2f, 0.2f, 0}},
      {{Function::silu},
       {-1, 0, 2},
       {-0.268941421f, 0, 1.76159416f},
       {0.0723294881f, 0.5f, 1.09078425f}},
      {{Function::hard_swish},
       {-4, -3, 1, 3, 4},
       {0, 0, 0.666666667f, 3, 4},
       {0, -0.5f, 0.833333333f, 1.5f, 1}},
      {{Function::tanh}, {-1, 0, 30}, {-0.761594156f, 0, 1}, {0.419974342f, 1, 0}},
      {{Function::gelu},
       {-1, 0, 2},
       {-0.158655254f, 0, 1.9544997f},
       {-0.0833154706f, 0.5f, 1.08523192f}},
      {{Function::gelu_tanh},
       {-1, 0, 2},
       {-0.158808009f, 0, 1.95459769f},
       {-0.0829640838f, 0.5f, 1.0860993f}},
      {{Function::softplus}, {-100, 0, 50}, {0, 0.693147181f, 50}, {0, 0.5f, 1}},
      {{Function::power, 0.5f}, {0, 2.25f, 4}, {0, 1.5f, 2}, {0, 0.333333333f, 0.25f}},
      {{Function::abs}, {-2, 0, 3}, {2, 0, 3}, {-1, 0, 1}},
      {{Function::exp}, {-1, 0, 2}, {0.367879441f, 1, 7.3890561f}, {0.367879441f, 1, 7.3890561f}},
      {{Function::log}, {0.5f, 1, 4}, {-0.693147181f, 0, 1.38629436f}, {2, 1, 0.25f}},
      {{Function::sin},
       {-2, 0, 1},
       {-0.909297427f, 0, 0.841470985f},
       {-0.416146837f, 1, 0.540302306f}},
      {{Function::cos},
       {-2, 0, 1},
       {-0.416146837f, 1, 0.540302306f},
       {0.909297427f, 0, -0.841470985f}},
      {{Function::erf},
       {-1, 0, 2},
       {-0.842700793f, 0, 0.995322265f},
       {0.415107497f, 1.12837917f, 0.0206669854f}}};
  ASSERT_EQ(std::ssize(cases), function_count);
  for (const Known& known : cases) {
    SCOPED_TRACE(joined("function ", static_cast<int>(known.function.function)));
    const auto n = static_cast<int64_t>(known.at.size());
    Case c;
    c.op.function = known.function;
    c.out = {1, 1, 1, n};
    const Tensor x = floats(c.out, known.at);
    EXPECT_TRUE(near(forward(c, {&x}), floats(c.out, known.values), tolerance::few_roundings));
    const Tensor ones = floats(c.out, std::vector<float>(n, 1));
    EXPECT_TRUE(near(gradient(c, {&x}, 0, ones), floats(c.out, known.derivatives),
                     tolerance::few_roundings));
  }
}

TEST_P(CellOps, FunctionsOfNotANumberAreNotNumbers) {
  const Tensor x = floats({1, 1, 1, 1}, {std::nanf("")});
  for (int f = 0; f < function_count; ++f) {
    Case c;
    c.op.function = {static_cast<Function>(f), 0.1f, 6};
    c.out = x.shape();
    EXPECT_TRUE(std::isnan(forward(c, {&x}).data()[0])) << "function " << f;
  }
}

TEST_P(CellOps, ScalesAndSlopesAreEachChannelsOwn) {
  Case affine;
  affine.op.formula = CellFormula::affine;
  affine.op.activation = Activation::relu;
  affine.weight = floats({2}, {2, -1}), affine.bias = floats({2}, {1, 0.5f});
  affine.out = {1, 2, 1, 2};
  const Tensor x = floats(affine.out, {1, -2, 1, -2});
  EXPECT_TRUE(same_bits(forward(affine, {&x}), floats(affine.out, {3, 0, 0, 2.5f})));
  const Tensor dy = floats(affine.out, {1, 2, 3, 4});
  EXPECT_TRUE(same_bits(gradient(affine, {&x}, 0, dy), floats(affine.out, {2, 4, -3, -4})));
  Case prelu;
  prelu.op.formula = CellFormula::prelu;
  prelu.weight = floats({2}, {0.5f, -1});
  prelu.out = affine.out;
  EXPECT_TRUE(same_bits(forward(prelu, {&x}), floats(affine.out, {1, -1, 1, 2})));
  EXPECT_TRUE(same_bits(gradient(prelu, {&x}, 0, dy), floats(affine.out, {1, 1, 3, -4})));
}

TEST_P(CellOps, MovesSliceShufflePadAndCrop) {
  Case c;
  c.op.formula = CellFormula::move;
  const Tensor x = floats({1, 4, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  c.op.first_channel = 1, c.out = {1, 2, 1, 2};
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {3, 4, 5, 6})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, floats(c.out, {1, 2, 3, 4})),
                        floats(x.shape(), {0, 0, 1, 2, 3, 4, 0, 0})));
  c.op.first_channel = 0, c.op.groups = 2, c.out = x.shape();  // channels 0, 2, 1, 3
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {1, 2, 5, 6, 3, 4, 7, 8})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, x), floats(c.out, {1, 2, 5, 6, 3, 4, 7, 8})));
  c.op.skipped = 1, c.out = {1, 2, 1, 2};  // of these, the second and third
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {5, 6, 3, 4})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, floats(c.out, {1, 2, 3, 4})),
                        floats(x.shape(), {0, 0, 3, 4, 1, 2, 0, 0})));
  c.op.skipped = 0;
  c.op.groups = 1, c.op.first_channel = -1, c.op.y.pad = 1, c.op.x.pad = -1, c.out = {1, 2, 2, 2};
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {0, 0, 0, 0, 0, 0, 2, 0})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, floats(c.out, {1, 2, 3, 4, 5, 6, 7, 8})),
                        floats(x.shape(), {0, 7, 0, 0, 0, 0, 0, 0})));
}

TEST_P(CellOps, ArithmeticOfTwoMapsBroadcasts) {
  const Shape shapes[] = {{1, 3, 4, 5}, {1, 3, 1, 1}, {1, 1, 4, 5}, {1, 1, 1, 1}};
  for (const auto formula :
       {CellFormula::add, CellFormula::sub, CellFormula::mul, CellFormula::div}) {
    for (const Shape& shape : shapes) {
      for (const bool swapped : {false, true}) {
        SCOPED_TRACE(joined("formula ", static_cast<int>(formula), " beside ", shape));
        Case c;
        c.op.formula = formula;
        c.out = shapes[0];
        const Tensor a = random_tensor(swapped ? shape : c.out, 1, 1, 2);
        const Tensor b = random_tensor(swapped ? c.out : shape, 2, 2, 3);
        check_gradients(c, {&a, &b}, smooth_step, tolerance::smooth_difference);
      }
    }
  }
  Case c;
  c.op.formula = CellFormula::sub;
  c.out = {1, 2, 1, 2};
  const Tensor a = floats(c.out, {1, 2, 3, 4}), b = floats({1, 2, 1, 1}, {1, 5});
  EXPECT_TRUE(same_bits(forward(c, {&a, &b}), floats(c.out, {0, 1, -2, -1})));
}

/// Two that are equal have half of the gradient each, and what is no number wins.
TEST_P(CellOps, TheLargerOfTwoTakesTheGradient) {
  Case c;
  c.op.formula = CellFormula::max;
  c.out = {1, 1, 1, 4};
  const float none = std::nanf("");
  const Tensor a = floats(c.out, {-1, 2, 3, none}), b = floats(c.out, {0, 2, 1, 5});
  const Tensor larger = forward(c, {&a, &b});
  EXPECT_EQ((std::vector(larger.data(), larger.data() + 3)), (std::vector<float>{0, 2, 3}));
  EXPECT_TRUE(std::isnan(larger.data()[3]));
  EXPECT_TRUE(std::isnan(forward(c, {&b, &a}).data()[3]));
  const Tensor dy = floats({1, 1, 1, 3}, {5, 6, 7});
  c.out = dy.shape();
  const Tensor x = floats(c.out, {-1, 2, 3}), z = floats(c.out, {0, 2, 1});
  EXPECT_TRUE(same_bits(gradient(c, {&x, &z}, 0, dy), floats(c.out, {0, 3, 7})));
  EXPECT_TRUE(same_bits(gradient(c, {&x, &z}, 1, dy), floats(c.out, {5, 3, 0})));
  const Tensor one = floats({1, 1, 1, 1}, {2.5f});
  EXPECT_TRUE(same_bits(forward(c, {&x, &one}), floats(c.out, {2.5f, 2.5f, 3})));
  EXPECT_TRUE(same_bits(gradient(c, {&x, &one}, 1, dy), floats(one.shape(), {11})));
}

/// A sum of many terms that are all alike, whose roundings do not cancel: one after another they
/// were off by 1e-4.
TEST_P(CellOps, SumsOverLargeMapsAreSums) {
  constexpr int64_t side = 112, cells = side * side;
  Case c;
  c.op.formula = CellFormula::sub;
  c.out = {1, 2, side, side};
  const float term = 1.0f / 3;
  const Tensor dy = floats(c.out, std::vector<float>(2 * cells, term));
  const Tensor a = random_tensor(c.out, 1), b = random_tensor({1, 2, 1, 1}, 2);
  const std::vector<double> sums(2, -double{term} * cells);
  EXPECT_TRUE(near(gradient(c, {&a, &b}, 1, dy).span(), std::span<const double>(sums),
                   tolerance::dot_product));

  c.op.formula = CellFormula::mean;
  c.op.y = c.op.x = {side, 1, 0, 0};
  c.op.map_h = c.op.map_w = side;
  c.out = {1, 2, 1, 1};
  const std::vector<double> means(2, term);
  EXPECT_TRUE(
      near(forward(c, {&dy}).span(), std::span<const double>(means), tolerance::dot_product));
}

TEST_P(CellOps, MeansCountThePaddingOrNot) {
  Case c;
  c.op.formula = CellFormula::mean;
  c.op.y = {1, 1, 0, 0}, c.op.x = {2, 2, 1, 1};
  c.op.map_h = 1, c.op.map_w = 3;
  c.out = {1, 1, 1, 2};
  const Tensor x = floats({1, 1, 1, 3}, {1, 2, 4}), dy = floats(c.out, {2, 4});
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {1, 3})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, dy), floats(x.shape(), {2, 2, 2})));
  c.op.count_padding = true;
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {0.5f, 3})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, dy), floats(x.shape(), {1, 2, 2})));
  // Rounded up: the last kernel reaches a cell beyond the padding, which does not count.
  c.op.x = {3, 2, 1, 1}, c.op.map_w = 4, c.out = {1, 1, 1, 3};
  const Tensor four = floats({1, 1, 1, 4}, {1, 2, 4, 8});
  EXPECT_TRUE(
      near(forward(c, {&four}), floats(c.out, {1, 14.0f / 3, 4}), tolerance::few_roundings));
  for (const bool counts : {false, true}) {
    c.op.count_padding = counts;
    c.op.y = {3, 2, 0, 1}, c.op.x = {3, 2, 1, 1}, c.op.map_h = 6, c.op.map_w = 7;
    c.out = {1, 2, 3, 4};
    const Tensor large = random_tensor({1, 2, 6, 7}, 3);
    check_gradients(c, {&large}, 0x1p-4f, tolerance::linear_difference);
  }
}

TEST_P(CellOps, ResponsesAreNormalisedOverTheirChannels) {
  Case c;
  c.op.formula = CellFormula::lrn;
  c.op.window = 2, c.op.before = 0, c.op.alpha = 2, c.op.beta = 1, c.op.k = 1;
  c.out = {1, 2, 1, 1};
  const Tensor x = floats(c.out, {1, 2});  // 1 / (1 + 1 + 4), 2 / (1 + 4)
  EXPECT_TRUE(near(forward(c, {&x}), floats(c.out, {1.0f / 6, 0.4f}), tolerance::few_roundings));
  c.op.window = 4, c.op.before = 1, c.op.alpha = 0.8f, c.op.beta = 0.75f, c.out = {1, 7, 2, 3};
  const Tensor large = random_tensor(c.out, 4);
  check_gradients(c, {&large}, smooth_step, tolerance::smooth_difference);
}

TEST_P(CellOps, LayersAreNormalisedOverAllChannels) {
  Case c;
  c.op.formula = CellFormula::layer_norm;
  c.op.epsilon = 1;
  c.weight = floats({2}, {1, 2}), c.bias = floats({2}, {0, 1});
  c.out = {1, 2, 1, 1};
  const Tensor x = floats(c.out, {1, 3});  // mean 2, variance 1
  const float z = 1 / std::sqrt(2.0f);
  EXPECT_TRUE(near(forward(c, {&x}), floats(c.out, {-z, 1 + 2 * z}), tolerance::few_roundings));
  c.out = {1, 6, 3, 2};
  c.weight = random_tensor({6}, 5), c.bias = random_tensor({6}, 6);
  const Tensor large = random_tensor(c.out, 7, -2, 2);
  check_gradients(c, {&large}, smooth_step, tolerance::smooth_difference);
}

/// Of two that are equal the first takes the gradient.
TEST_P(CellOps, TheLargestChannelOfACellTakesItsGradient) {
  Case c;
  c.op.formula = CellFormula::channel_max;
  c.out = {1, 1, 1, 3};
  const Tensor x = floats({1, 3, 1, 3}, {-3, 2, 0, -1, 4, 0, -2, 4, 0});
  EXPECT_TRUE(near(forward(c, {&x}), floats(c.out, {-1, 4, 0}), 0));
  EXPECT_TRUE(near(gradient(c, {&x}, 0, floats(c.out, {5, 6, 7})),
                   floats({1, 3, 1, 3}, {0, 0, 7, 5, 6, 0, 0, 0, 0}), 0));
  c.out = {2, 1, 5, 3};
  const Tensor large = random_tensor({2, 6, 5, 3}, 8);
  const Tensor maxima = forward(c, {&large});
  for (int64_t i = 0; i < maxima.elements(); ++i) {
    const int64_t image = i / 15, cell = i % 15;
    float largest = -1;
    for (int64_t k = 0; k < 6; ++k) {
      largest = std::max(largest, large.data()[(image * 6 + k) * 15 + cell]);
    }
    EXPECT_EQ(maxima.data()[i], largest);
  }
}

TEST_P(CellOps, ExtentsThatDoNotFitAreRefused) {
  Case c;
  c.op.formula = CellFormula::mul;
  c.out = {1, 2, 3, 3};
  const Tensor a = random_tensor(c.out, 1), b = random_tensor({1, 2, 3, 1}, 2);
  EXPECT_THROW(forward(c, {&a, &b}), Error);
  EXPECT_THROW(forward(c, {&a}), Error);
  c.op.formula = CellFormula::affine;
  EXPECT_THROW(forward(c, {&a}), Error);
}

}  // namespace
}  // namespace hdecomp::op_testing
