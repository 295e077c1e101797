/// Which cells adaptive pooling takes the mean of: once, for the CPU, GPUs and both directions.
#pragma once

#include <cstdint>

namespace hdecomp {

/// Cells [begin, end) of an axis.
template <class Int>
struct CellSpan {
  Int begin, end;
};

/// Of an axis of `in` cells those that output cell i of `out` covers: from floor(i in / out) to
/// ceil((i + 1) in / out), each times `out` for who has a faster division, rounded down. With `in`
/// and `out` exchanged, the output cells that input cell i is part of. (in + 1) * (out + 1) must
/// fit an Int.
template <class Int>
constexpr CellSpan<Int> undivided_adaptive_cells(Int i, Int in, Int out) {
  return {i * in, (i + 1) * in + out - 1};
}

template <class Int>
constexpr CellSpan<Int> adaptive_cells(Int i, Int in, Int out) {
  const CellSpan<Int> undivided = undivided_adaptive_cells(i, in, out);
  return {undivided.begin / out, undivided.end / out};
}

}  // namespace hdecomp
