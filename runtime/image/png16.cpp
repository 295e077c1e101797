/// Images of 16 bits a sample as PNG files.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "hdecomp/error.h"
#include "hdecomp/image.h"
#include "runtime/image/deflate.h"
#include "runtime/image/image_file.h"
#include "weights/file/atomic_file.h"

namespace hdecomp {
namespace {

using FileContent = std::vector<uint8_t>;

void put_big_endian(FileContent& to, uint32_t value, int bytes) {
  for (int i = bytes; i-- > 0;) to.push_back(static_cast<uint8_t>(value >> 8 * i));
}

/// Length, type, data, checksum of type and data.
void put_chunk(FileContent& file, std::string_view type, std::span<const uint8_t> data) {
  put_big_endian(file, static_cast<uint32_t>(data.size()), 4);
  const size_t begin = file.size();
  file.insert(file.end(), type.begin(), type.end());
  file.insert(file.end(), data.begin(), data.end());
  put_big_endian(file, checksum(std::span(file).subspan(begin)), 4);
}

/// Rows of interleaved samples, the upper byte first, each behind its filter's number, 0.
FileContent samples_of(std::span<const float> planes, int64_t height, int64_t width) {
  FileContent samples;
  for (int64_t y = 0; y < height; ++y) {
    samples.push_back(0);
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < Image::channels; ++c) {
        const float value = std::clamp(planes[(c * height + y) * width + x], 0.0f, 1.0f);
        put_big_endian(samples, static_cast<uint32_t>(std::lround(65535 * double{value})), 2);
      }
    }
  }
  return samples;
}

FileContent deflated(const FileContent& bytes) {
  FileContent stream(most_deflated(bytes.size()));
  stream.resize(deflate_to(stream.data(), bytes));
  return stream;
}

}  // namespace

void save_png_of_16_bits(std::span<const float> planes, int64_t height, int64_t width,
                         const std::string& path) {
  // 6 bytes each: a chunk holds at most 2^31 - 1.
  constexpr int64_t most_pixels = int64_t{1} << 27;
  ImageFile({}, path, most_pixels).check({height, width});
  if (std::ssize(planes) != Image::channels * height * width) {
    throw UserError(joined(path, ": ", planes.size(), " values for 3 planes of ", height, " x ",
                           width, " pixels"));
  }
  if (std::ranges::any_of(planes, [](float v) { return std::isnan(v); })) {
    throw UserError(path + ": a value to be written as a pixel is no number");
  }
  constexpr uint8_t bits = 16, rgb = 2;
  FileContent header;
  put_big_endian(header, static_cast<uint32_t>(width), 4);
  put_big_endian(header, static_cast<uint32_t>(height), 4);
  for (const uint8_t byte : {bits, rgb, uint8_t{0}, uint8_t{0}, uint8_t{0}}) header.push_back(byte);
  FileContent file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  put_chunk(file, "IHDR", header);
  put_chunk(file, "IDAT", deflated(samples_of(planes, height, width)));
  put_chunk(file, "IEND", {});
  write_file_atomically(path, file);
}

}  // namespace hdecomp
