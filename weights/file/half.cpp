/// Rounding to IEEE binary16 by the bits.
#include "weights/file/half.h"

#include <bit>

#include "weights/file/convert_dtype.h"

namespace hdecomp {

uint16_t half_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t size = bits & 0x7fffffffu;
  constexpr uint32_t infinity = 0x7f800000u, half_infinity = 0x7c00u;
  if (size > infinity) return static_cast<uint16_t>(sign | 0x7e00u);
  if (size >= 0x477ff000u) return static_cast<uint16_t>(sign | half_infinity);  // 65520 and more
  // The exponent's bias falls from 127 to 15; below 2^-14 the fraction counts in 2^-24.
  uint32_t fraction = size, shift = 13;
  if (size >= 0x38800000u) {
    fraction -= 112u << 23;
  } else {
    const uint32_t exponent = size >> 23;
    if (exponent < 102) return sign;
    fraction = (size & 0x7fffffu) | 0x800000u;
    shift = 126 - exponent;
  }
  uint32_t result = fraction >> shift;
  const uint32_t rest = fraction & ((1u << shift) - 1), middle = 1u << (shift - 1);
  if (rest > middle || (rest == middle && (result & 1u) != 0)) ++result;
  return static_cast<uint16_t>(sign | result);
}

float float_of_half(uint16_t bits) {
  float value = 0;
  convert_to_float(ElementType::float16, reinterpret_cast<const uint8_t*>(&bits), 1, 1, &value);
  return value;
}

std::optional<std::vector<uint16_t>> as_halves(std::span<const float> values) {
  std::vector<uint16_t> halves(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    halves[i] = half_of(values[i]);
    if (float_of_half(halves[i]) != values[i]) return std::nullopt;
  }
  return halves;
}

}  // namespace hdecomp
