/// Rounding to 16 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hdecomp {

/// IEEE binary16, rounded to nearest, ties to even; beyond its range an infinity.
uint16_t half_of(float value);
float float_of_half(uint16_t bits);

/// The values in 16 bits, or nothing if that changes one of them.
std::optional<std::vector<uint16_t>> as_halves(std::span<const float> values);

}  // namespace hdecomp
