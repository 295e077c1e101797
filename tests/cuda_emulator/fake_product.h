/// What the fake cuBLAS and cuDNN share: element types and a product in blocks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace emulator {

/// How factors are stored, and what tensor cores make of them.
enum class Element { float32, tf32, bf16, fp16 };

inline size_t element_bytes(Element type) {
  return type == Element::bf16 || type == Element::fp16 ? 2 : 4;
}

inline float float_of_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Element `i` of an array as the multipliers see it.
inline float read_element(const void* data, Element type, int64_t i) {
  if (element_bytes(type) == 4) {
    uint32_t bits;
    std::memcpy(&bits, static_cast<const char*>(data) + i * 4, sizeof bits);
    const bool finite = (bits & 0x7f800000) != 0x7f800000;
    // TF32: 10 bits of mantissa, to the nearest.
    if (type == Element::tf32 && finite) bits = (bits + 0x1000) & ~uint32_t{0x1fff};
    return float_of_bits(bits);
  }
  uint16_t bits;
  std::memcpy(&bits, static_cast<const char*>(data) + i * 2, sizeof bits);
  if (type == Element::bf16) return float_of_bits(uint32_t{bits} << 16);
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  float value = std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31) value = mantissa == 0 ? INFINITY : NAN;
  if (exponent > 0 && exponent < 31) {
    value = std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

/// Rounds to bf16 or fp16, or stores the float.
inline void write_element(void* data, Element type, int64_t i, float value) {
  if (element_bytes(type) == 4) {
    std::memcpy(static_cast<char*>(data) + i * 4, &value, sizeof value);
    return;
  }
  uint16_t bits = 0;
  if (type == Element::bf16) {
    uint32_t whole;
    std::memcpy(&whole, &value, sizeof whole);
    const bool nan = std::isnan(value);
    bits = nan ? 0x7fc0 : static_cast<uint16_t>((whole + 0x7fff + (whole >> 16 & 1)) >> 16);
  } else {
    // To a multiple of the last place, which is 2^-24 at least.
    const float size = std::fabs(value);
    const int place = std::max(size > 0 ? std::ilogb(size) - 10 : -24, -24);
    const float steps = std::isfinite(size) ? std::nearbyint(std::ldexp(size, -place)) : 0;
    const float rounded = std::ldexp(steps, place);
    if (std::isnan(value)) {
      bits = 0x7e00;
    } else if (!std::isfinite(size) || rounded >= 65536) {
      bits = 0x7c00;
    } else if (rounded < 0x1p-14f) {
      bits = static_cast<uint16_t>(std::ldexp(rounded, 24));
    } else {
      const int exponent = std::ilogb(rounded);
      bits = static_cast<uint16_t>((exponent + 15) * 1024 +
                                   static_cast<int>(std::ldexp(rounded, 10 - exponent)) - 1024);
    }
    if (std::signbit(value)) bits |= 0x8000;
  }
  std::memcpy(static_cast<char*>(data) + i * 2, &bits, sizeof bits);
}

/// write(i, j, sum over l of a(i, l) b(l, j)) for i < m, j < n, l < k: sums in double, in the order
/// of l, in blocks that fit the caches.
template <class A, class B, class Write>
void multiply(int64_t m, int64_t n, int64_t k, A a, B b, Write write) {
  // No larger than the product: a convolution of many groups is many small ones.
  const int64_t rows = std::min<int64_t>(m, 1024), columns = std::min<int64_t>(n, 256);
  const int64_t depth = std::min<int64_t>(k, 256);
  std::vector<float> left(rows * depth), right(depth * columns);
  std::vector<double> sums(rows * columns);
  for (int64_t j0 = 0; j0 < n; j0 += columns) {
    const int64_t nj = std::min(columns, n - j0);
    for (int64_t i0 = 0; i0 < m; i0 += rows) {
      const int64_t ni = std::min(rows, m - i0);
      std::ranges::fill(sums, 0.0);
      for (int64_t l0 = 0; l0 < k; l0 += depth) {
        const int64_t nl = std::min(depth, k - l0);
        for (int64_t i = 0; i < ni; ++i) {
          for (int64_t l = 0; l < nl; ++l) left[i * depth + l] = a(i0 + i, l0 + l);
        }
        for (int64_t l = 0; l < nl; ++l) {
          for (int64_t j = 0; j < nj; ++j) right[l * columns + j] = b(l0 + l, j0 + j);
        }
        for (int64_t i = 0; i < ni; ++i) {
          double* sum = &sums[i * columns];
          for (int64_t l = 0; l < nl; ++l) {
            const double factor = left[i * depth + l];
            const float* row = &right[l * columns];
            for (int64_t j = 0; j < nj; ++j) sum[j] += factor * row[j];
          }
        }
      }
      for (int64_t i = 0; i < ni; ++i) {
        for (int64_t j = 0; j < nj; ++j) write(i0 + i, j0 + j, sums[i * columns + j]);
      }
    }
  }
}

}  // namespace emulator
