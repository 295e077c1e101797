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

}  // namespace hdecomp::cpu
