/// The cells of a convolution's output in the order in which they are computed, and what lies under
/// their taps.
#pragma once

#include "kernels/plain/conv_kernels.h"

namespace hdecomp::plain {

struct Cell {
  int64_t image, y, x;
};

/// Number i of all. Going back by strides, cells that the same taps reach come one after another.
Cell cell_of(const Geometry& g, int64_t i);

/// The channels under each tap of a cell, of one group, behind each other; zeros outside.
void gather_cell(const Geometry& g, const Operands& operands, const Cell& at, int64_t group,
                 float* to);

}  // namespace hdecomp::plain
