/// The formulas of cell ops, and what each reads.
#pragma once

namespace hdecomp {

enum class CellFormula {
  scalar,       // function(x)
  prelu,        // x, or weight_c x below 0
  affine,       // weight_c x + bias_c
  move,         // another channel and cell of x, or 0
  add,          // a + b, either with one channel, or one cell, for all
  sub,          // a - b
  mul,          // a b
  div,          // a / b
  max,          // the larger of a and b
  mean,         // over the cells under a kernel
  lrn,          // local response normalisation over channels
  layer_norm,   // over all channels of a cell
  channel_max,  // of all channels of a cell
  gather,       // other cells of the same map: backwards, round the map, several times each
  to_depth,     // the cells of each block as channels
  to_space,     // channels as the cells of each block
  affine_map,   // weight_cij x + bias_cij
};

/// A formula of two inputs takes either with one channel, or one cell, for all.
struct FormulaReads {
  int inputs = 1;
  bool own_extent = false;  // an output of another extent than its input's
  bool neighbours = false;  // of an input more than the output's own channel and cell
  bool weight = false, bias = false;
};

constexpr FormulaReads reads_of(CellFormula formula) {
  switch (formula) {
    case CellFormula::scalar:
      return {};
    case CellFormula::lrn:
      return {.neighbours = true};
    case CellFormula::prelu:
      return {.weight = true};
    case CellFormula::affine:
    case CellFormula::affine_map:
      return {.weight = true, .bias = true};
    case CellFormula::layer_norm:
      return {.neighbours = true, .weight = true, .bias = true};
    case CellFormula::add:
    case CellFormula::sub:
    case CellFormula::mul:
    case CellFormula::div:
    case CellFormula::max:
      return {.inputs = 2};
    case CellFormula::move:
    case CellFormula::mean:
    case CellFormula::channel_max:
    case CellFormula::gather:
    case CellFormula::to_depth:
    case CellFormula::to_space:
      return {.own_extent = true, .neighbours = true};
  }
  return {};
}

}  // namespace hdecomp
