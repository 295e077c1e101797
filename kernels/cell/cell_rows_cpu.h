/// What gradients of cell ops inside windows share, and those that have a file of their own.
#pragma once

#include "kernels/cell/cell_ops.h"
#include "kernels/cell/mean_rule.h"
#include "kernels/cell/place_rules.h"
#include "kernels/core/context_cpu.h"
#include "kernels/window/window_rows_cpu.h"

namespace hdecomp::cpu {

/// The gradient of a mean over the map's rectangles. Float32.
void mean_rows_backward(const RowPlanes& planes, const cell::MeanRule& rule);
/// A map of other cells of its own, and its gradient, whose window below is the whole map.
void gather_forward(const Context& context, const cell::GatherRule& rule, Tensor& y);
void gather_rows_backward(const RowPlanes& planes, const cell::GatherRule& rule);
/// The gradient of a layer norm over channels; `feature`: what was normed, `scale` (C).
void norm_rows_backward(const RowPlanes& planes, const CellOp& op, const Tensor& feature,
                        const Tensor& scale);

}  // namespace hdecomp::cpu
