/// Numbers in bf16 on the CPU, widened to float32 as they are read.
#pragma once

#include <bit>

#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu {

/// The upper half of a float32.
struct Bf16 {
  uint16_t bits;

  operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

/// To the nearest, ties to even; beyond the largest, which is nearly float32's, infinite. Not for
/// NaN.
inline Bf16 rounded_to_bf16(float value) {
  const auto all = std::bit_cast<uint32_t>(value);
  return {static_cast<uint16_t>((all + 0x7fff + (all >> 16 & 1)) >> 16)};
}

inline Lanes load_lanes(const Bf16* from) {
  using Halves = uint16_t __attribute__((vector_size(16)));
  using Words = uint32_t __attribute__((vector_size(32)));
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return Lanes(__builtin_convertvector(halves, Words) << 16);
}

}  // namespace hdecomp::cpu
