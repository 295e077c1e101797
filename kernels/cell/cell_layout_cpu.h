/// The commonest cell ops over one image's maps in any of the layouts that the CPU's forward pass
/// keeps them in.
#pragma once

#include "kernels/cell/cell_ops.h"

namespace hdecomp::cpu {

/// Where channel c of cell p of an image lies: (c / block * cells + p) * block + c % block. `block`
/// is 1 (plain), 8, 16, or all channels (channels last); what fills up the last block holds zero.
struct CellLayout {
  int64_t channels = 0, height = 0, width = 0, block = 1;

  int64_t cells() const { return height * width; }
  int64_t blocks() const { return (channels + block - 1) / block; }
  int64_t floats() const { return blocks() * cells() * block; }
};

/// An input: maps in the output's layout, or one cell of each channel for all cells.
struct CellOperand {
  const float* data = nullptr;
  bool one_cell = false;
};

/// Whether cell_forward_in() has the op for outputs of that layout.
bool computes_in(const CellOp& op, const CellLayout& out);

/// One image's output `y`. `in`: the first input's layout, of the same kind as the output's; its
/// extent is unlike the output's only for a mean and a move. `weight` and `bias` where the formula
/// names them. Not all operands may have one cell.
void cell_forward_in(const Context& context, const CellOp& op, const CellLayout& in,
                     const CellLayout& out, std::span<const CellOperand> operands,
                     const float* weight, const float* bias, float* y);

}  // namespace hdecomp::cpu
