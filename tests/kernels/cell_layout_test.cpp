/// The CPU's cell ops in blocked layouts against plain maps, and its functions of several floats at
/// once against double precision.
#include "kernels/cell/cell_layout_cpu.h"

#include "kernels/cell/lane_functions_cpu.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using cpu::CellLayout;
using cpu::CellOperand;

int64_t place(const CellLayout& layout, int64_t c, int64_t p) {
  return (c / layout.block * layout.cells() + p) * layout.block + c % layout.block;
}

/// Plain maps (1, c, h, w) brought to a layout; what fills up the last block is zero.
std::vector<float> packed(const CellLayout& layout, const Tensor& plain) {
  std::vector<float> values(layout.floats());
  for (int64_t c = 0; c < layout.channels; ++c) {
    for (int64_t p = 0; p < layout.cells(); ++p) {
      values[place(layout, c, p)] = plain.data()[c * layout.cells() + p];
    }
  }
  return values;
}

/// An op, with its output's extent and what each input's is.
struct LayoutCase {
  CellOp op;
  Shape out;
  std::vector<Shape> inputs;
};

/// Channels in part and in whole blocks, maps of more than a task and of one cell.
std::vector<LayoutCase> layout_cases() {
  std::vector<LayoutCase> cases;
  for (const Shape& shape : {Shape{1, 21, 5, 7}, Shape{1, 32, 23, 31}, Shape{1, 19, 1, 1}}) {
    const Shape one_cell{1, shape[1], 1, 1};
    for (int f = 0; f < function_count; ++f) {
      const auto function = static_cast<Function>(f);
      if (function == Function::log) continue;  // not of any number
      CellOp op;
      op.function = {function, function == Function::power ? 2 : 0.25f, 0.5f};  // of any number
      cases.push_back({op, shape, {shape}});
    }
    for (const auto formula : {CellFormula::prelu, CellFormula::affine, CellFormula::layer_norm}) {
      CellOp op;
      op.formula = formula;
      if (formula == CellFormula::affine) op.activation = Activation::relu6;
      cases.push_back({op, shape, {shape}});
    }
    for (const auto formula : {CellFormula::add, CellFormula::sub, CellFormula::mul,
                               CellFormula::div, CellFormula::max}) {
      CellOp op;
      op.formula = formula;
      op.activation = Activation::relu;
      cases.push_back({op, shape, {shape, shape}});
      if (shape == one_cell) continue;
      cases.push_back({op, shape, {shape, one_cell}});
      cases.push_back({op, shape, {one_cell, shape}});
    }
  }
  for (const bool count_padding : {false, true}) {
    CellOp mean;
    mean.formula = CellFormula::mean;
    mean.y = {3, 2, 1, 1}, mean.x = {2, 1, 0, 1};
    mean.map_h = 9, mean.map_w = 6, mean.count_padding = count_padding;
    cases.push_back({mean, {1, 21, 5, 6}, {{1, 21, 9, 6}}});
  }
  for (const bool shuffle : {false, true}) {
    CellOp move;
    move.formula = CellFormula::move;
    if (shuffle) {
      move.groups = 3;
    } else {
      move.first_channel = 2, move.y.pad = 1, move.x.pad = -1;
    }
    cases.push_back({move, {1, 21, 6, 6}, {shuffle ? Shape{1, 21, 6, 6} : Shape{1, 24, 5, 8}}});
    if (!shuffle) move.first_channel = -2, cases.push_back({move, {1, 21, 6, 6}, {{1, 17, 5, 8}}});
  }
  for (const int64_t skipped : {5, 18}) {
    CellOp move;
    move.formula = CellFormula::move;
    move.groups = 2, move.skipped = skipped;
    cases.push_back({move, {1, 26, 6, 6}, {{1, 44, 6, 6}}});
  }
  return cases;
}

/// `block` 0: channels last.
CellLayout layout_of(const Shape& shape, int64_t block) {
  return {shape[1], shape[2], shape[3], block > 0 ? block : shape[1]};
}

class CellLayouts : public ::testing::TestWithParam<int64_t> {
 protected:
  /// In blocks, unpacked again; what fills up the last block must be zero.
  static Tensor in_blocks(const Context& context, const LayoutCase& c,
                          const std::vector<Tensor>& inputs, const Tensor& weight,
                          const Tensor& bias) {
    const CellLayout out = layout_of(c.out, GetParam());
    std::vector<std::vector<float>> held;
    std::vector<CellOperand> operands;
    for (const Tensor& input : inputs) {
      held.push_back(packed(layout_of(input.shape(), GetParam()), input));
      operands.push_back({held.back().data(), input.shape() != c.out &&
                                                  c.op.formula != CellFormula::mean &&
                                                  c.op.formula != CellFormula::move});
    }
    for (size_t k = 0; k < held.size(); ++k) operands[k].data = held[k].data();
    std::vector<float> y(out.floats(), std::nanf(""));
    cpu::cell_forward_in(context, c.op, layout_of(inputs[0].shape(), GetParam()), out, operands,
                         weight.data(), bias.data(), y.data());
    Tensor plain({}, c.out);
    for (int64_t channel = 0; channel < out.channels; ++channel) {
      for (int64_t p = 0; p < out.cells(); ++p) {
        plain.data()[channel * out.cells() + p] = y[place(out, channel, p)];
      }
    }
    EXPECT_EQ(packed(out, plain), y) << "unlike zero where the last block is filled up";
    return plain;
  }
};
INSTANTIATE_TEST_SUITE_P(Blocks, CellLayouts, ::testing::Values(8, 16, 0));

TEST_P(CellLayouts, ArePlainMapsOnAnyNumberOfThreads) {
  const Context one(Device{}, 1), three(Device{}, 3);
  for (const LayoutCase& c : layout_cases()) {
    if (!cpu::computes_in(c.op, layout_of(c.out, GetParam()))) continue;
    SCOPED_TRACE(joined("formula ", static_cast<int>(c.op.formula), ", function ",
                        static_cast<int>(c.op.function.function), ", ", c.inputs[0], " to ",
                        c.out));
    std::vector<Tensor> inputs;
    std::vector<const Tensor*> pointers;
    for (const Shape& shape : c.inputs) {
      inputs.push_back(random_tensor(shape, inputs.size() + 1, 0.5f, 3));
      for (int64_t i = 0; i < shape.elements(); i += 2) inputs.back().data()[i] *= -1;
    }
    for (const Tensor& input : inputs) pointers.push_back(&input);
    const Tensor weight = random_tensor({c.out[1]}, 7), bias = random_tensor({c.out[1]}, 8);
    Tensor plain({}, c.out), scratch({}, {cell_scratch(c.op, c.out) + 1});
    cell_forward(one, c.op, pointers, &weight, &bias, scratch, plain);
    const Tensor blocks = in_blocks(one, c, inputs, weight, bias);
    EXPECT_TRUE(near(blocks, plain, tolerance::few_roundings));
    EXPECT_TRUE(same_bits(in_blocks(three, c, inputs, weight, bias), blocks));
  }
}

/// value_of() in double precision.
double exact_value(Function function, double x) {
  switch (function) {
    case Function::sigmoid:
      return 1 / (1 + std::exp(-x));
    case Function::silu:
      return x / (1 + std::exp(-x));
    default:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
  }
}

/// Each relative to itself, as far as float32 tells it from 0 beside x.
TEST(LaneFunctions, AreExactToAFewRoundings) {
  for (const Function function : {Function::sigmoid, Function::silu, Function::gelu}) {
    cpu::with_lane_function({function}, [&](const auto& f) {
      for (int i = -4000; i <= 4000; ++i) {
        const float x = static_cast<float>(i) / 128;
        const double exact = exact_value(function, x);
        ASSERT_NEAR(f(cpu::Lanes{} + x)[3], exact, 4e-7 * std::abs(exact) + 1.5e-8)
            << "function " << static_cast<int>(function) << " of " << x;
      }
      EXPECT_NEAR(f(cpu::Lanes{} - 200.0f)[0], 0, 1e-30);
    });
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
