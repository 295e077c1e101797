/// The cell ops over maps in blocks or with the channels last that read several cells or channels.
#pragma once

#include "kernels/cell/cell_layout_cpu.h"

namespace hdecomp::cpu {

/// Means under a kernel.
void block_means(const Context& context, const CellOp& op, const CellLayout& in,
                 const CellLayout& out, const float* x, float* y);

/// Layer norm, cell by cell.
void block_norms(const Context& context, const CellOp& op, const CellLayout& layout, const float* x,
                 const float* scale, const float* shift, float* y);

/// Of a move each output channel's of the input; -1 where that has none.
std::vector<int64_t> moved_channels(const CellOp& op, int64_t in_channels, int64_t out_channels);

/// Moves of channels and cells, the channels last.
void move_cells(const Context& context, const CellOp& op, const CellLayout& in,
                const CellLayout& out, const float* x, float* y);

}  // namespace hdecomp::cpu
