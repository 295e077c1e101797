/// Ops whose every output cell is a short formula of a few input cells: functions of one number,
/// scales, moves, arithmetic of two maps, means, normalisation over channels. Forward, and backward
/// inside windows.
#pragma once

#include <span>

#include "kernels/cell/cell_formula.h"
#include "kernels/core/activation.h"
#include "kernels/core/scalar_function.h"
#include "kernels/core/sliding.h"
#include "kernels/window/window_backward.h"

namespace hdecomp {

/// A formula with what it is planned with; each reads what names it.
struct CellOp {
  CellFormula formula = CellFormula::scalar;
  Activation activation = Activation::none;  // of the result: affine, add, sub, mul, div
  ScalarFunction function = {};              // scalar
  // move: output channel o is the input's shuffled(o + skipped) + first_channel, where shuffled(k)
  // = k % groups * (channels / groups) + k / groups; its cell (y, x) the input's (y - y.pad, x -
  // x.pad).
  int64_t groups = 1, first_channel = 0, skipped = 0;
  // mean; of move the pads alone; to_depth, to_space: the block as size and stride. gather: `size`
  // output cells, cell i the input's (stride (i / dilation) - pad) mod its extent, stride 1 or -1.
  KernelAxis y = {}, x = {};
  bool count_padding = false;  // mean: divide by the cells of the padded map, else by the map's
  // mean: the map's cell that the input's cell (0, 0) is; mean, gather, to_space, affine_map: the
  // output cell that the first one is: unequal to 0 where windows of maps are given.
  int64_t in_y = 0, in_x = 0, out_y = 0, out_x = 0;
  int64_t map_h = 0, map_w = 0;              // mean, to_space, affine_map: the input's whole map
  int64_t window = 5, before = 2;            // lrn: channels [c - before, + window)
  float alpha = 1e-4f, beta = 0.75f, k = 1;  // lrn
  float epsilon = 1e-5f;                     // layer_norm
};

/// Floats that cell_forward works in for an output of that shape.
int64_t cell_scratch(const CellOp& op, const Shape& y);

/// y (n, c, h, w) of one or two inputs. `weight` and `bias` (channels; of affine_map c h w) where
/// the formula names them, else null. `scratch` has cell_scratch() floats or more. Throws Error if
/// extents do not fit.
void cell_forward(const Context& context, const CellOp& op, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y);

/// The gradient to input number `which`. `features` (B, C, H, W): all inputs' for mul and div, the
/// input's own (else null) for scalar, prelu, lrn and layer_norm.
void cell_window_backward(const Context& context, const CellOp& op, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& above, const GradientBelow& below);

namespace cpu {
void cell_forward(const Context&, const CellOp&, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y);
void cell_window_backward(const Context&, const CellOp&, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& above, const GradientBelow& below);
}  // namespace cpu
namespace cuda {
void cell_forward(const Context&, const CellOp&, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y);
void cell_window_backward(const Context&, const CellOp&, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& above, const GradientBelow& below);
}  // namespace cuda

}  // namespace hdecomp
