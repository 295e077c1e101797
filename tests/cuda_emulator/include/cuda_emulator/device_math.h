/// CUDA's arithmetic for device code that C++ lacks: intrinsics, bit counts, min and max of the
/// built-in types.
#pragma once

#include <math.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>

inline int __popc(unsigned int bits) { return std::popcount(bits); }
inline int __popcll(unsigned long long bits) { return std::popcount(bits); }
/// Position of the lowest set bit counted from 1, or 0 if there is none.
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __ffsll(long long bits) { return __builtin_ffsll(bits); }
inline int __clz(int bits) { return std::countl_zero(static_cast<unsigned int>(bits)); }
inline int __clzll(long long bits) {
  return std::countl_zero(static_cast<unsigned long long>(bits));
}
inline unsigned int __brev(unsigned int bits) {
  unsigned int reversed = 0;
  for (int i = 0; i < 32; ++i) reversed |= (bits >> i & 1u) << (31 - i);
  return reversed;
}
inline unsigned int __umulhi(unsigned int a, unsigned int b) {
  return static_cast<unsigned int>(static_cast<uint64_t>(a) * b >> 32);
}

/// Byte i of the result is the one that digit i of `selector` names, of low's bytes 0 to 3 and
/// high's 4 to 7; digits from 8 on repeat its sign bit.
inline unsigned int __byte_perm(unsigned int low, unsigned int high, unsigned int selector) {
  const uint64_t bytes = uint64_t{high} << 32 | low;
  unsigned int result = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned int digit = selector >> 4 * i & 15;
    unsigned int byte = static_cast<unsigned int>(bytes >> 8 * (digit & 7)) & 255;
    if (digit >= 8) byte = byte >= 128 ? 255 : 0;
    result |= byte << 8 * i;
  }
  return result;
}

inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline unsigned int __float_as_uint(float value) { return std::bit_cast<unsigned int>(value); }
inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline float __uint_as_float(unsigned int bits) { return std::bit_cast<float>(bits); }
inline long long __double_as_longlong(double value) { return std::bit_cast<long long>(value); }
inline double __longlong_as_double(long long bits) { return std::bit_cast<double>(bits); }

namespace emulator {

/// As on the GPU a value out of range goes to the nearest end; not-a-number becomes 0.
inline int clamp_to_int(float rounded) {
  if (std::isnan(rounded)) return 0;
  if (rounded >= 2147483648.0f) return 2147483647;
  if (rounded < -2147483648.0f) return -2147483647 - 1;
  return static_cast<int>(rounded);
}

}  // namespace emulator

/// To the nearest integer, ties to even; towards minus infinity; towards plus infinity; towards 0.
inline int __float2int_rn(float value) { return emulator::clamp_to_int(std::nearbyint(value)); }
inline int __float2int_rd(float value) { return emulator::clamp_to_int(std::floor(value)); }
inline int __float2int_ru(float value) { return emulator::clamp_to_int(std::ceil(value)); }
inline int __float2int_rz(float value) { return emulator::clamp_to_int(std::trunc(value)); }
inline float __int2float_rn(int value) { return static_cast<float>(value); }

/// One operation each, rounded once: `volatile` keeps the compiler from fusing them into others.
inline float __fadd_rn(float a, float b) {
  const volatile float sum = a + b;
  return sum;
}
/// Rounded towards minus infinity.
inline float __fadd_rd(float a, float b) {
  const int rounding = std::fegetround();
  std::fesetround(FE_DOWNWARD);
  const volatile float first = a, second = b, sum = first + second;
  std::fesetround(rounding);
  return sum;
}
inline float __fsub_rn(float a, float b) {
  const volatile float difference = a - b;
  return difference;
}
inline float __fmul_rn(float a, float b) {
  const volatile float product = a * b;
  return product;
}
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fsqrt_rn(float value) { return std::sqrt(value); }
inline float __frcp_rn(float value) { return 1.0f / value; }
/// The GPU's fast versions are less exact than these.
inline float __expf(float value) { return std::exp(value); }
inline float __logf(float value) { return std::log(value); }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float value) { return 1.0f / std::sqrt(value); }
inline float __saturatef(float value) {
  return value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f;  // not-a-number becomes 0
}

/// Reads through the GPU's read-only cache.
template <class T>
T __ldg(const T* address) {
  return *address;
}

/// CUDA's global min and max. Overloads, not templates: elements of checked shared memory convert
/// to their number. Of a number and not-a-number the number wins.
inline int min(int a, int b) { return b < a ? b : a; }
inline int max(int a, int b) { return a < b ? b : a; }
inline unsigned int min(unsigned int a, unsigned int b) { return b < a ? b : a; }
inline unsigned int max(unsigned int a, unsigned int b) { return a < b ? b : a; }
inline unsigned int min(int a, unsigned int b) { return min(static_cast<unsigned int>(a), b); }
inline unsigned int max(int a, unsigned int b) { return max(static_cast<unsigned int>(a), b); }
inline unsigned int min(unsigned int a, int b) { return min(a, static_cast<unsigned int>(b)); }
inline unsigned int max(unsigned int a, int b) { return max(a, static_cast<unsigned int>(b)); }
inline long min(long a, long b) { return b < a ? b : a; }
inline long max(long a, long b) { return a < b ? b : a; }
inline unsigned long min(unsigned long a, unsigned long b) { return b < a ? b : a; }
inline unsigned long max(unsigned long a, unsigned long b) { return a < b ? b : a; }
inline long long min(long long a, long long b) { return b < a ? b : a; }
inline long long max(long long a, long long b) { return a < b ? b : a; }
inline unsigned long long min(unsigned long long a, unsigned long long b) { return b < a ? b : a; }
inline unsigned long long max(unsigned long long a, unsigned long long b) { return a < b ? b : a; }
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
inline double min(float a, double b) { return std::fmin(static_cast<double>(a), b); }
inline double max(float a, double b) { return std::fmax(static_cast<double>(a), b); }
inline double min(double a, float b) { return std::fmin(a, static_cast<double>(b)); }
inline double max(double a, float b) { return std::fmax(a, static_cast<double>(b)); }
