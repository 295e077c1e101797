/// A square of floats turned, a vector at a time.
#pragma once

#include <array>

#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu {

/// to[j * to_step + i] = from[i * from_step + j], 8 x 8: pairs of rows, fours, then halves.
inline void turn_square(const float* from, int64_t from_step, float* to, int64_t to_step) {
  std::array<Lanes, lanes> row, pair, four;
  for (int64_t i = 0; i < lanes; ++i) row[i] = load_lanes(from + i * from_step);
  for (int64_t i = 0; i < lanes; i += 2) {
    pair[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pair[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int64_t i = 0; i < lanes; i += 4) {
    for (int64_t k = 0; k < 2; ++k) {
      const Lanes &a = pair[i + k], &b = pair[i + k + 2];
      four[i + 2 * k] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
      four[i + 2 * k + 1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int64_t k = 0; k < 4; ++k) {
    const Lanes &a = four[k], &b = four[k + 4];
    store_lanes(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11), to + k * to_step);
    store_lanes(__builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15), to + (k + 4) * to_step);
  }
}

}  // namespace hdecomp::cpu
