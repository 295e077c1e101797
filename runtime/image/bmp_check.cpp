/// The header of a BMP file, and whether the file holds all its pixels.
#include <algorithm>
#include <cstdlib>

#include "hdecomp/error.h"
#include "runtime/image/image_formats.h"

namespace hdecomp {
namespace {

constexpr size_t file_header = 14;  // bytes ahead of the information header
constexpr uint32_t uncompressed = 0, bit_masks = 3;
constexpr size_t colour_bytes = 4;  // of one palette entry

uint32_t header_length(const ImageFile& file) { return file.little_endian(file_header, 4); }
size_t pixel_offset(const ImageFile& file) { return file.little_endian(10, 4); }
uint32_t bits_per_pixel(const ImageFile& file) { return file.little_endian(28, 2); }

/// A signed number, in 64 bits so that it can be negated.
int64_t signed_number(const ImageFile& file, size_t offset) {
  return static_cast<int32_t>(file.little_endian(offset, 4));
}

}  // namespace

bool is_bmp(const ImageFile& file) {
  if (!file.starts_with("BM") || file.size() < file_header + 4) return false;
  const uint32_t length = header_length(file);
  return length == 12 || length == 40 || length == 52 || length == 56 || length == 64 ||
         length == 108 || length == 124;
}

PixelSize check_bmp(const ImageFile& file) {
  const uint32_t length = header_length(file);
  if (length == 12 || length == 52 || length == 64) {
    file.fail(
        joined("a BMP file with a header of ", length, " bytes; 40, 56, 108 or 124 can be read"));
  }
  // A negative height says that the first row is the top one.
  const PixelSize size{std::abs(signed_number(file, 22)), signed_number(file, 18)};
  file.check(size);
  const uint32_t bits = bits_per_pixel(file), compression = file.little_endian(30, 4);
  file.need(file_header, length);
  if (compression != uncompressed && compression != bit_masks) {
    file.fail("a compressed BMP file; save it without compression");
  }
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
    file.fail(joined("corrupt BMP: ", bits, " bits a pixel"));
  }
  const size_t offset = pixel_offset(file);
  const size_t palette = bits <= 8 ? colour_bytes : 0;  // at least one colour
  if (offset < file_header + length + palette) file.fail("corrupt BMP: pixels within the header");
  const auto width = static_cast<uint64_t>(size.width), height = static_cast<uint64_t>(size.height);
  const uint64_t row = (width * bits + 31) / 32 * 4, last_row = (width * bits + 7) / 8;
  file.need(offset, row * (height - 1) + last_row);
  return size;
}

std::vector<uint8_t> with_full_palette_bmp(const ImageFile& file) {
  const uint32_t bits = bits_per_pixel(file);
  const size_t begin = file_header + header_length(file), end = pixel_offset(file);
  const size_t wanted = (size_t{1} << std::min(bits, 8u)) * colour_bytes;
  if (bits > 8 || end - begin >= wanted) return {};
  const size_t pixels = begin + wanted;
  std::vector<uint8_t> full(file.bytes().begin(), file.bytes().end());
  full.insert(full.begin() + static_cast<ptrdiff_t>(end), pixels - end, 0);
  for (size_t i = 0; i < 4; ++i) full[10 + i] = static_cast<uint8_t>(pixels >> 8 * i);
  return full;
}

}  // namespace hdecomp
