/// Neighbouring floats that the CPU computes with at once.
#pragma once

#include <cstdint>
#include <cstring>

namespace hdecomp::cpu {

using Lanes = float __attribute__((vector_size(32)));
constexpr int64_t lanes = 8;

inline Lanes load_lanes(const float* from) {
  Lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline void store_lanes(const Lanes& value, float* to) { std::memcpy(to, &value, sizeof value); }

/// Halves are added to halves.
inline float sum_of_lanes(const Lanes& value) {
  float each[lanes];
  store_lanes(value, each);
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t j = 0; j < half; ++j) each[j] += each[j + half];
  }
  return each[0];
}

/// How many pieces of `size` hold `count` elements.
constexpr int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }
/// How many elements, at least `count`, fill whole pieces.
constexpr int64_t in_whole(int64_t count, int64_t size) { return pieces(count, size) * size; }

}  // namespace hdecomp::cpu
