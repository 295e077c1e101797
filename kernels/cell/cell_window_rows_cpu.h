/// Gradients of cell ops inside windows, a row of cells at a time: where a cell's gradient comes
/// from the same cell above.
#pragma once

#include "kernels/cell/cell_ops.h"

namespace hdecomp::cpu {

/// Does what cell_window_backward() does, or returns false where it takes the general way:
/// decisions that go down as one number, inputs of one channel for all, formulas that read other
/// cells.
bool cell_rows_backward(const Context& context, const CellOp& op, size_t which,
                        std::span<const Tensor* const> features, const Tensor* weight,
                        const WindowBatch& above, const GradientBelow& below);

/// slopes[i] of the function at x[i].
void function_slopes(const ScalarFunction& function, const float* x, int64_t count, float* slopes);

}  // namespace hdecomp::cpu
