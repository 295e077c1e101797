/// Calls of zlib.
#include "runtime/image/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <new>

namespace hdecomp {

size_t most_deflated(size_t bytes) { return compressBound(bytes); }

size_t deflate_to(uint8_t* stream, std::span<const uint8_t> bytes) {
  constexpr int level = 2;  // of pictures: 4 takes half as long again, for 5 % of the stream
  uLongf length = compressBound(bytes.size());
  if (compress2(stream, &length, bytes.data(), bytes.size(), level) != Z_OK) {
    throw std::bad_alloc();  // with room for any result nothing else can fail
  }
  return length;
}

std::vector<uint8_t> inflated(std::span<const uint8_t> stream, size_t most) {
  constexpr size_t most_stream = UINT32_MAX, largest_ratio = 1040;  // deflate's is 1032
  stream = stream.first(std::min(stream.size(), most_stream));
  std::vector<uint8_t> bytes(std::min({most, most_stream, stream.size() * largest_ratio + 64}));
  z_stream state{};
  if (inflateInit(&state) != Z_OK) throw std::bad_alloc();
  const auto end = [](z_stream* each) { inflateEnd(each); };
  const std::unique_ptr<z_stream, decltype(end)> ended(&state, end);
  state.next_in = const_cast<uint8_t*>(stream.data());  // zlib does not write to it
  state.avail_in = static_cast<uInt>(stream.size());
  state.next_out = bytes.data();
  state.avail_out = static_cast<uInt>(bytes.size());
  inflate(&state, Z_SYNC_FLUSH);
  bytes.resize(bytes.size() - state.avail_out);
  return bytes;
}

uint32_t checksum(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

}  // namespace hdecomp
