/// How torch.save's older format begins.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace hdecomp {

/// A whole pickle of protocol 2: the ten-byte integer 0x1950a86a20f9469cfc6c, then STOP.
inline constexpr std::array<uint8_t, 15> torch_magic = {
    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

inline bool has_torch_magic(std::span<const uint8_t> bytes) {
  return bytes.size() >= torch_magic.size() &&
         std::equal(torch_magic.begin(), torch_magic.end(), bytes.begin());
}

}  // namespace hdecomp
