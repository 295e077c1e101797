/// A PNG file: three chunks, the second of which is all rows, deflated.
#include "runtime/image/png_write.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "runtime/image/deflate.h"

namespace hdecomp {
namespace {

using FileContent = std::vector<uint8_t>;

void put_big_endian(FileContent& to, uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) to.push_back(static_cast<uint8_t>(value >> shift));
}

/// Length, type, data, checksum of type and data.
void put_chunk(FileContent& file, std::string_view type, std::span<const uint8_t> data) {
  put_big_endian(file, static_cast<uint32_t>(data.size()));
  const size_t begin = file.size();
  file.insert(file.end(), type.begin(), type.end());
  file.insert(file.end(), data.begin(), data.end());
  put_big_endian(file, checksum(std::span(file).subspan(begin)));
}

/// Up for every row: Paeth's filter takes half as long as the compression, for 5 % of the file, and
/// to try all five as long, for 9 %.
void put_rows(const Image& image, uint8_t* to) {
  constexpr uint8_t up = 2;
  const auto bytes = static_cast<size_t>(image.width * Image::channels);
  const uint8_t* row = image.rgb.data();
  for (int64_t y = 0; y < image.height; ++y, row += bytes) {
    *to++ = up;
    if (y == 0) {
      std::copy_n(row, bytes, to);  // above the first one is 0
    } else {
      const uint8_t* above = row - bytes;
      for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<uint8_t>(row[i] - above[i]);
    }
    to += bytes;
  }
}

}  // namespace

std::vector<uint8_t> png_of_rows(int64_t height, int64_t width, uint8_t bits,
                                 std::span<const uint8_t> rows) {
  constexpr uint8_t in_colour = 2;
  // As much memory as is written to is used, which is less by far.
  const size_t most = most_deflated(rows.size());
  const auto stream = std::make_unique_for_overwrite<uint8_t[]>(most);
  const size_t length = deflate_to(stream.get(), rows);
  FileContent header;
  put_big_endian(header, static_cast<uint32_t>(width));
  put_big_endian(header, static_cast<uint32_t>(height));
  for (const uint8_t byte : {bits, in_colour, uint8_t{0}, uint8_t{0}, uint8_t{0}}) {
    header.push_back(byte);
  }
  FileContent file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  file.reserve(length + 64);
  put_chunk(file, "IHDR", header);
  put_chunk(file, "IDAT", {stream.get(), length});
  put_chunk(file, "IEND", {});
  return file;
}

std::vector<uint8_t> png_of_8_bits(const Image& image) {
  const auto size = static_cast<size_t>(image.height * (1 + image.width * Image::channels));
  const auto rows = std::make_unique_for_overwrite<uint8_t[]>(size);
  put_rows(image, rows.get());
  return png_of_rows(image.height, image.width, 8, {rows.get(), size});
}

}  // namespace hdecomp
