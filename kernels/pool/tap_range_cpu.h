/// Which cells of a map a pool's window covers.
#pragma once

#include <algorithm>

#include "kernels/core/sliding.h"

namespace hdecomp::cpu {

/// The half-open range of rows (or columns) inside a map, and how far apart.
struct TapRange {
  int64_t begin, end, step = 1;
};

/// Of window `i` over a map of `size`.
inline TapRange taps_inside(int64_t i, const KernelAxis& axis, int64_t size) {
  const int64_t start = i * axis.stride - axis.pad, step = axis.dilation;
  const int64_t begin = start >= 0 ? start : start + (step - 1 - start) / step * step;
  return {begin, std::min(start + axis.extent(), size), step};
}

}  // namespace hdecomp::cpu
