/// The checksum of a PNG file's chunks.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hdecomp {

/// The CRC-32 of each byte value (polynomial 0x04C11DB7, bits reversed).
constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t value = 0; value < 256; ++value) {
    uint32_t crc = value;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xEDB88320u ^ crc >> 1 : crc >> 1;
    table[value] = crc;
  }
  return table;
}
inline constexpr std::array<uint32_t, 256> crc_table = make_crc_table();

inline uint32_t crc32(std::span<const uint8_t> bytes) {
  uint32_t crc = ~0u;
  for (const uint8_t byte : bytes) crc = crc_table[(crc ^ byte) & 0xFF] ^ crc >> 8;
  return ~crc;
}

}  // namespace hdecomp
