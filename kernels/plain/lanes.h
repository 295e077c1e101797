/// Eight floats at once, and how a count is cut into pieces.
#pragma once

#include <cstdint>
#include <cstring>

namespace hdecomp::plain {

using Lanes = float __attribute__((vector_size(32)));
constexpr int64_t lanes = 8;

/// The first `count` of eight floats, or all; the rest is zero.
inline Lanes load(const float* from, int64_t count) {
  Lanes value{};
  if (count >= lanes) {
    std::memcpy(&value, from, sizeof value);
  } else {
    std::memcpy(&value, from, count * sizeof(float));
  }
  return value;
}
inline void store(const Lanes& value, float* to, int64_t count) {
  if (count >= lanes) {
    std::memcpy(to, &value, sizeof value);
  } else {
    std::memcpy(to, &value, count * sizeof(float));
  }
}
/// A NaN stays one.
inline Lanes held(const Lanes& x, float low, float high) {
  const Lanes above = x < low ? Lanes{} + low : x;
  return above > high ? Lanes{} + high : above;
}

constexpr int64_t pieces(int64_t count, int64_t size) { return (count + size - 1) / size; }

}  // namespace hdecomp::plain
