/// The emulator's __half: a type to store, with conversions. It has no arithmetic of its own;
/// kernels compute in float.
#pragma once

#include "cuda_emulator/small_float.h"
#include "vector_types.h"

struct __half {
  __half() = default;
  explicit __half(float value) : bits(emulator::half_bits(value)) {}
  explicit operator float() const { return emulator::half_value(bits); }

  uint16_t bits;
};
using half = __half;

struct alignas(4) __half2 {
  __half x, y;
};
using half2 = __half2;

inline __half __float2half_rn(float value) { return __half(value); }
inline __half __float2half(float value) { return __half(value); }
inline float __half2float(__half value) { return static_cast<float>(value); }
inline __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
inline __half2 __float22half2_rn(float2 value) { return __floats2half2_rn(value.x, value.y); }
inline float2 __half22float2(__half2 value) {
  return {__half2float(value.x), __half2float(value.y)};
}
inline unsigned short __half_as_ushort(__half value) { return value.bits; }
inline __half __ushort_as_half(unsigned short bits) {
  __half value;
  value.bits = bits;
  return value;
}
