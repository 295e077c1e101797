/// Neighbouring floats that the CPU computes with at once.
#pragma once

#ifdef __AVX__
#include <immintrin.h>
#endif

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

/// a > b ? a : b and a < b ? a : b: the second where one of them is a NaN.
inline Lanes larger(const Lanes& a, const Lanes& b) {
#ifdef __AVX__
  return _mm256_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
inline Lanes smaller(const Lanes& a, const Lanes& b) {
#ifdef __AVX__
  return _mm256_min_ps(a, b);
#else
  return a < b ? a : b;
#endif
}

/// All lanes brought together by a function of two, in three steps: halves, quarters, neighbours.
template <class Function>
float over_lanes(Lanes values, Function&& both) {
  values = both(values, Lanes(__builtin_shufflevector(values, values, 4, 5, 6, 7, 0, 1, 2, 3)));
  values = both(values, Lanes(__builtin_shufflevector(values, values, 2, 3, 0, 1, 6, 7, 4, 5)));
  values = both(values, Lanes(__builtin_shufflevector(values, values, 1, 0, 3, 2, 5, 4, 7, 6)));
  return values[0];
}

/// All bits of the first `count` lanes.
inline LaneInts first_lanes(int64_t count) {
  return LaneInts{0, 1, 2, 3, 4, 5, 6, 7} < static_cast<int32_t>(count);
}

/// The first `count` of them, or all; the rest is zero. Nothing behind them is read or written.
inline Lanes load_some(const float* from, int64_t count) {
  if (count >= lanes) return load_lanes(from);
#ifdef __AVX__
  return _mm256_maskload_ps(from, reinterpret_cast<__m256i>(first_lanes(count)));
#else
  Lanes value{};
  std::memcpy(&value, from, count * sizeof(float));
  return value;
#endif
}
/// In fours, twos and ones: a masked store takes AMD's Zen 4 as long as dozens of plain ones.
inline void store_some(const Lanes& value, float* to, int64_t count) {
  if (count >= lanes) return store_lanes(value, to);
  using Half = float __attribute__((vector_size(16)));
  Half left = __builtin_shufflevector(value, value, 0, 1, 2, 3);
  if (count & 4) {
    std::memcpy(to, &left, 4 * sizeof(float));
    left = __builtin_shufflevector(value, value, 4, 5, 6, 7);
    to += 4;
  }
  if (count & 2) {
    std::memcpy(to, &left, 2 * sizeof(float));
    left = __builtin_shufflevector(left, left, 2, 3, 2, 3);
    to += 2;
  }
  if (count & 1) std::memcpy(to, &left, sizeof(float));
}

}  // namespace hdecomp::cpu
