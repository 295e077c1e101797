/// Neighbouring floats that the CPU computes with at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace hdecomp::cpu {

using Lanes = float __attribute__((vector_size(32)));
using LaneInts = int32_t __attribute__((vector_size(32)));
constexpr int64_t lanes = 8;

inline Lanes load_lanes(const float* from) {
  Lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline void store_lanes(const Lanes& value, float* to) { std::memcpy(to, &value, sizeof value); }

/// The first `count` of them, or all; the rest is zero.
inline Lanes load_some(const float* from, int64_t count) {
  if (count >= lanes) return load_lanes(from);
  Lanes value{};
  std::memcpy(&value, from, count * sizeof(float));
  return value;
}
inline void store_some(const Lanes& value, float* to, int64_t count) {
  std::memcpy(to, &value, std::min(count, lanes) * sizeof(float));
}

}  // namespace hdecomp::cpu
