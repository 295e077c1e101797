/// The cell ops: the contracts' checks and the choice of the device.
#include "kernels/cell/cell_ops.h"

#include "kernels/cell/norm_rules.h"
#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

/// Whether an input may be read for an output: as large, or one channel or cell for all.
bool is_broadcast_to(const Shape& in, const Shape& out) {
  const bool map = in[2] == out[2] && in[3] == out[3];
  return in[0] == out[0] && (in[1] == out[1] || in[1] == 1) && (map || (in[2] == 1 && in[3] == 1));
}

bool inputs_fit(const CellOp& op, std::span<const Tensor* const> inputs, const Shape& y) {
  const FormulaReads reads = reads_of(op.formula);
  if (std::ssize(inputs) != reads.inputs) return false;
  for (const Tensor* input : inputs) {
    const Shape& x = input->shape();
    if (x.rank() != 4 || y.rank() != 4) return false;
    if (reads.own_extent) {
      if (x[0] != y[0]) return false;
    } else if (reads.inputs > 1 ? !is_broadcast_to(x, y) : x != y) {
      return false;
    }
  }
  return true;
}

/// How many numbers a weight of `channels` has.
int64_t weight_numbers(const CellOp& op, int64_t channels) {
  return op.formula == CellFormula::affine_map ? channels * op.map_h * op.map_w : channels;
}

void check_weights(const CellOp& op, const Tensor* weight, int64_t channels) {
  if (reads_of(op.formula).weight) {
    require_shape("cell", "weight", weight == nullptr ? Shape() : weight->shape(),
                  {weight_numbers(op, channels)});
  }
}

}  // namespace

int64_t cell_scratch(const CellOp& op, const Shape& y) {
  if (op.formula != CellFormula::layer_norm) return 0;
  return y[0] * y[2] * y[3] * cell::LayerNormRule::forward_moments;
}

void cell_forward(const Context& context, const CellOp& op, std::span<const Tensor* const> inputs,
                  const Tensor* weight, const Tensor* bias, Tensor& scratch, Tensor& y) {
  if (!inputs_fit(op, inputs, y.shape())) {
    throw Error(joined("cell: the inputs do not fit an output of shape ", y.shape()));
  }
  check_weights(op, weight, inputs[0]->shape()[1]);
  if (reads_of(op.formula).bias) {
    require_shape("cell", "bias", bias == nullptr ? Shape() : bias->shape(),
                  {weight_numbers(op, y.shape()[1])});
  }
  if (scratch.elements() < cell_scratch(op, y.shape())) throw Error("cell: too little scratch");
  dispatch(context, cpu::cell_forward, cuda::cell_forward, op, inputs, weight, bias, scratch, y);
}

void cell_window_backward(const Context& context, const CellOp& op, size_t which,
                          std::span<const Tensor* const> features, const Tensor* weight,
                          const WindowBatch& above, const GradientBelow& below) {
  check_window_batches("cell_window", above, below);
  check_weights(op, weight, below.batch.channels);
  dispatch(context, cpu::cell_window_backward, cuda::cell_window_backward, op, which, features,
           weight, above, below);
}

}  // namespace hdecomp
