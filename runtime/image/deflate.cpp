/// Calls of zlib.
#include "runtime/image/deflate.h"

#include <zlib.h>

#include <new>

namespace hdecomp {

size_t most_deflated(size_t bytes) { return compressBound(bytes); }

size_t deflate_to(uint8_t* stream, std::span<const uint8_t> bytes) {
  constexpr int level = 4;  // the least that looks further than one match ahead
  uLongf length = compressBound(bytes.size());
  if (compress2(stream, &length, bytes.data(), bytes.size(), level) != Z_OK) {
    throw std::bad_alloc();  // with room for any result nothing else can fail
  }
  return length;
}

uint32_t checksum(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

}  // namespace hdecomp
