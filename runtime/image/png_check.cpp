/// The walk over a PNG file's chunks, with their checksums, up to the end chunk.
#include <string_view>

#include "hdecomp/error.h"
#include "runtime/image/deflate.h"
#include "runtime/image/image_formats.h"

namespace hdecomp {
namespace {

constexpr std::string_view signature = "\x89PNG\r\n\x1A\n";
constexpr size_t header_end = 33;  // the signature and the IHDR chunk
constexpr uint8_t palette_colour = 3;

/// A chunk is: length of the data, type, data, checksum of type and data.
struct Chunk {
  std::string_view type;
  size_t begin, end;  // of the data
};

Chunk read_chunk(const ImageFile& file, size_t offset) {
  const size_t length = file.big_endian(offset, 4);
  file.need(offset, length + 12);
  const auto type = file.bytes().subspan(offset + 4, 4);
  return {
      {reinterpret_cast<const char*>(type.data()), type.size()}, offset + 8, offset + 8 + length};
}

bool is_critical(std::string_view type) { return (type[0] & 0x20) == 0; }

}  // namespace

bool is_png(const ImageFile& file) { return file.starts_with(signature); }

PixelSize check_png(const ImageFile& file) {
  if (file.big_endian(signature.size(), 4) != 13 || file.big_endian(12, 4) != 0x49484452) {
    file.fail("corrupt PNG: no header chunk");
  }
  const PixelSize size{file.big_endian(20, 4), file.big_endian(16, 4)};
  file.check(size);
  bool has_data = false;
  for (size_t offset = signature.size();;) {
    const Chunk chunk = read_chunk(file, offset);
    if (is_critical(chunk.type)) {
      const auto checked = file.bytes().subspan(offset + 4, chunk.end - offset - 4);
      if (checksum(checked) != file.big_endian(chunk.end, 4)) {
        file.fail("corrupt PNG: a chunk's checksum is wrong");
      }
      const bool known = chunk.type == "IHDR" || chunk.type == "PLTE" || chunk.type == "IDAT" ||
                         chunk.type == "IEND";
      if (!known) file.fail("corrupt PNG: an unknown critical chunk");
    }
    if (chunk.type == "IDAT") has_data = true;
    if (chunk.type == "IEND") break;
    offset = chunk.end + 4;
  }
  if (!has_data) file.fail("corrupt PNG: no picture data");
  return size;
}

size_t inflated_png_bytes(const ImageFile& file, PixelSize size) {
  const uint64_t depth = file.byte(24);                                  // bits of a sample
  constexpr std::array<uint64_t, 8> samples_of{1, 0, 3, 1, 2, 0, 4, 0};  // by colour type
  const uint64_t samples = samples_of[file.byte(25) & 7];
  const uint64_t row = (static_cast<uint64_t>(size.width) * depth + 7) / 8 * samples + 1;
  return row * static_cast<uint64_t>(size.height);
}

std::vector<uint8_t> with_full_palette_png(const ImageFile& file) {
  if (file.byte(25) != palette_colour) return {};
  // A black palette ahead of the file's own: that one then overwrites as many colours as it has.
  // The decoder checks no checksums.
  std::vector<uint8_t> black{0, 0, 3, 0, 'P', 'L', 'T', 'E'};
  black.resize(black.size() + 256 * 3 + 4, 0);
  std::vector<uint8_t> full(file.bytes().begin(), file.bytes().end());
  full.insert(full.begin() + header_end, black.begin(), black.end());
  return full;
}

}  // namespace hdecomp
