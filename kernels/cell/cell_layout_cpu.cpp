/// Cell ops over blocked and plain maps: which formula goes over which runs.
#include "kernels/cell/cell_layout_cpu.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/cell/cell_norm_cpu.h"
#include "kernels/cell/cell_runs_cpu.h"
#include "kernels/cell/lane_functions_cpu.h"
#include "kernels/cell/wide_functions_cpu.h"

namespace hdecomp::cpu {
namespace {

/// y = activation(op(a, b)), both maps, or one of them a number for each channel.
template <class Op>
void fill_binary(const Context& context, Activation activation, const CellLayout& layout,
                 std::span<const CellOperand> operands, float* y, const Op& op) {
  const CellOperand &a = operands[0], &b = operands[1];
  with_constant(activation, [&](auto end) {
    const auto done = [&](const Lanes& sum) { return activated_lanes(end(), sum); };
    if (b.one_cell) {
      return fill<false>(context, layout, {a.data, nullptr, b.data}, y,
                         [&](const Lanes& x, const Lanes&, const Lanes& number, const Lanes&) {
                           return done(op(x, number));
                         });
    }
    if (a.one_cell) {
      return fill<false>(context, layout, {b.data, nullptr, a.data}, y,
                         [&](const Lanes& x, const Lanes&, const Lanes& number, const Lanes&) {
                           return done(op(number, x));
                         });
    }
    fill<true>(
        context, layout, {a.data, b.data}, y,
        [&](const Lanes& x, const Lanes& z, const Lanes&, const Lanes&) { return done(op(x, z)); });
  });
}

void fill_scalar(const Context& context, const CellOp& op, const CellLayout& layout, const float* x,
                 float* y) {
  if (const WideFunction wide = wide_function(op.function.function)) {
    const int64_t floats = layout.floats();
    run_tasks(context, pieces(floats, task_floats), floats, [&](int64_t task) {
      const int64_t begin = task * task_floats;
      wide(x + begin, std::min(task_floats, floats - begin), y + begin);
    });
    return clear_filling(layout, y);
  }
  with_lane_function(op.function, [&](const auto& f) {
    fill<false>(context, layout, {x}, y,
                [&](const Lanes& v, const Lanes&, const Lanes&, const Lanes&) { return f(v); });
  });
}

void fill_affine(const Context& context, const CellOp& op, const CellLayout& layout,
                 const Sources& from, float* y) {
  with_constant(op.activation, [&](auto end) {
    fill<false>(context, layout, from, y,
                [&](const Lanes& v, const Lanes&, const Lanes& scale, const Lanes& shift) {
                  return activated_lanes(end(), scale * v + shift);
                });
  });
}

}  // namespace

bool computes_in(const CellOp& op, const CellLayout& out) {
  switch (op.formula) {
    case CellFormula::scalar:
    case CellFormula::prelu:
    case CellFormula::affine:
    case CellFormula::add:
    case CellFormula::sub:
    case CellFormula::mul:
    case CellFormula::div:
    case CellFormula::max:
      return true;
    case CellFormula::move:
      return out.block > 1 && out.block == out.channels;
    case CellFormula::mean:
    case CellFormula::layer_norm:
      return out.block > 1;
    default:
      return false;  // its rule computes it, cell by cell
  }
}

void cell_forward_in(const Context& context, const CellOp& op, const CellLayout& in,
                     const CellLayout& out, std::span<const CellOperand> operands,
                     const float* weight, const float* bias, float* y) {
  const float* x = operands[0].data;
  switch (op.formula) {
    case CellFormula::scalar:
      return fill_scalar(context, op, out, x, y);
    case CellFormula::prelu:
      return fill<false>(context, out, {x, nullptr, weight}, y,
                         [](const Lanes& v, const Lanes&, const Lanes& slope, const Lanes&) {
                           return v < 0 ? slope * v : v;
                         });
    case CellFormula::affine:
      return fill_affine(context, op, out, {x, nullptr, weight, bias}, y);
    case CellFormula::add:
      return fill_binary(context, op.activation, out, operands, y,
                         [](const Lanes& a, const Lanes& b) { return a + b; });
    case CellFormula::sub:
      return fill_binary(context, op.activation, out, operands, y,
                         [](const Lanes& a, const Lanes& b) { return a - b; });
    case CellFormula::mul:
      return fill_binary(context, op.activation, out, operands, y,
                         [](const Lanes& a, const Lanes& b) { return a * b; });
    case CellFormula::div:
      return fill_binary(context, op.activation, out, operands, y,
                         [](const Lanes& a, const Lanes& b) { return a / b; });
    case CellFormula::max:
      return fill_binary(context, op.activation, out, operands, y,
                         [](const Lanes& a, const Lanes& b) {
                           const Lanes second = b > a ? b : a + b;  // a NaN is not lost
                           return a >= b ? a : second;
                         });
    case CellFormula::mean:
      return block_means(context, op, in, out, x, y);
    case CellFormula::move:
      return move_cells(context, op, in, out, x, y);
    case CellFormula::layer_norm:
      return block_norms(context, op, out, x, weight, bias, y);
    default:
      throw Error("cell: a formula that computes_in() does not name");
  }
}

}  // namespace hdecomp::cpu
