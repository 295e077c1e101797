/// The header of a TGA file, and whether the file holds all its pixels.
#include "hdecomp/error.h"
#include "runtime/image/image_formats.h"

namespace hdecomp {
namespace {

constexpr size_t tga_header_length = 18;
constexpr int palette_image = 1, colour_image = 2, grey_image = 3, run_length_coded = 8;

struct TgaHeader {
  size_t text_bytes;  // a remark between header and palette
  int palette_type, type;
  int palette_first, palette_colours, palette_bits;
  PixelSize size;
  int bits, descriptor;

  int kind() const { return type & ~run_length_coded; }
};

TgaHeader read_header(const ImageFile& file) {
  const auto number = [&](size_t at, int n) { return static_cast<int>(file.little_endian(at, n)); };
  return {file.byte(0),
          number(1, 1),
          number(2, 1),
          number(3, 2),
          number(5, 2),
          number(7, 1),
          {number(14, 2), number(12, 2)},
          number(16, 1),
          number(17, 1)};
}

bool is_colour_depth(int bits) { return bits == 15 || bits == 16 || bits == 24 || bits == 32; }
size_t bytes_for(int bits) { return (static_cast<size_t>(bits) + 7) / 8; }

bool depths_make_sense(const TgaHeader& header) {
  if (header.kind() == palette_image) {
    return header.palette_type == 1 && header.palette_colours > 0 &&
           is_colour_depth(header.palette_bits) && (header.bits == 8 || header.bits == 16);
  }
  if (header.palette_type != 0) return false;
  if (header.kind() == colour_image) return is_colour_depth(header.bits);
  return header.kind() == grey_image && (header.bits == 8 || header.bits == 16);
}

/// Adds up the runs (a count, then one pixel to repeat or that many pixels) until the picture is
/// full.
void check_runs(const ImageFile& file, size_t offset, size_t pixel_bytes, int64_t pixels) {
  while (pixels > 0) {
    const int head = file.byte(offset);
    const int count = (head & 127) + 1;
    const size_t length = 1 + pixel_bytes * static_cast<size_t>(head >= 128 ? 1 : count);
    file.need(offset, length);
    offset += length;
    pixels -= count;
  }
}

}  // namespace

bool is_tga(const ImageFile& file) {
  if (file.size() < tga_header_length) return false;
  const TgaHeader header = read_header(file);
  const int alpha_bits = header.descriptor & 15, interleaving = header.descriptor >> 6;
  return (header.type & ~(run_length_coded | 3)) == 0 && depths_make_sense(header) &&
         header.size.height > 0 && header.size.width > 0 && alpha_bits <= 8 && interleaving == 0;
}

PixelSize check_tga(const ImageFile& file) {
  const TgaHeader header = read_header(file);
  file.check(header.size);
  if ((header.descriptor & 0x10) != 0)
    file.fail("a TGA file stored right to left; save it left to right");
  size_t offset = tga_header_length + header.text_bytes;
  if (header.palette_type == 1) {
    if (header.palette_first != 0) file.fail("a TGA file whose palette does not start at colour 0");
    offset += static_cast<size_t>(header.palette_colours) * bytes_for(header.palette_bits);
  }
  const int64_t pixels = header.size.height * header.size.width;
  const size_t pixel_bytes = bytes_for(header.bits);
  if (header.type >= run_length_coded) {
    check_runs(file, offset, pixel_bytes, pixels);
  } else {
    file.need(offset, static_cast<uint64_t>(pixels) * pixel_bytes);
  }
  return header.size;
}

}  // namespace hdecomp
