/// FNV-1a: a number for bytes, the same on every machine.
#pragma once

#include <cstdint>
#include <span>

namespace hdecomp {

/// Tells bytes that differ by chance, not ones that were forged.
inline uint64_t fnv1a(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

}  // namespace hdecomp
