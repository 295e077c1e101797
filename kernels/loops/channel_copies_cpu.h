/// Channels of one cell that are copied side by side, as they are or in turn from two places.
#pragma once

#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu {

inline void copy_channels(const float* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; i += lanes) {
    store_some(load_some(from + i, count - i), to + i, count - i);
  }
}

/// `count` channels of each of two: to[2 i] = one[i], to[2 i + 1] = other[i].
inline void interleave_channels(const float* one, const float* other, int64_t count, float* to) {
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Lanes a = load_lanes(one + i), b = load_lanes(other + i);
    store_lanes(__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), to + 2 * i);
    store_lanes(__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15), to + 2 * i + lanes);
  }
  for (; i < count; ++i) to[2 * i] = one[i], to[2 * i + 1] = other[i];
}

}  // namespace hdecomp::cpu
