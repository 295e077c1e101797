/// zlib's streams and checksums, which PNG and MATLAB files are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hdecomp {

/// No stream of so many bytes is longer.
size_t most_deflated(size_t bytes);

/// Writes the stream of at most 4 GiB, most_deflated() bytes at most, and gives its length. Throws
/// std::bad_alloc.
size_t deflate_to(uint8_t* stream, std::span<const uint8_t> bytes);

/// The stream's content, of which the first `most` bytes; less where it ends or is damaged before.
/// Takes no more memory than a stream of its length can hold.
std::vector<uint8_t> inflated(std::span<const uint8_t> stream, size_t most);

/// CRC-32 of at most 4 GiB.
uint32_t checksum(std::span<const uint8_t> bytes);

}  // namespace hdecomp
