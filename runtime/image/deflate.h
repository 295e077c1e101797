/// zlib's streams and checksums, which a PNG file is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hdecomp {

/// No stream of so many bytes is longer.
size_t most_deflated(size_t bytes);

/// Writes the stream of at most 4 GiB, most_deflated() bytes at most, and gives its length. Throws
/// std::bad_alloc.
size_t deflate_to(uint8_t* stream, std::span<const uint8_t> bytes);

/// CRC-32 of at most 4 GiB.
uint32_t checksum(std::span<const uint8_t> bytes);

}  // namespace hdecomp
