/// Bounded reading of an image file's bytes, and the limits on a picture's size.
#include "runtime/image/image_file.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr int64_t max_side = 65535;
// The decoder counts a picture's bytes, up to 6 a pixel, in a 32-bit int.
constexpr int64_t max_pixels_decodable = int64_t{1} << 28;

std::string pixel_count(int64_t pixels) {
  constexpr int64_t million = 1000 * 1000;
  if (pixels >= million && pixels % million == 0) return joined(pixels / million, " megapixels");
  return joined(pixels, " pixels");
}

}  // namespace

bool ImageFile::starts_with(std::string_view magic) const {
  return size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes_.begin(),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

uint32_t ImageFile::big_endian(size_t offset, int count) const {
  need(offset, static_cast<uint64_t>(count));
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes_[offset + static_cast<size_t>(i)];
  return value;
}

uint32_t ImageFile::little_endian(size_t offset, int count) const {
  need(offset, static_cast<uint64_t>(count));
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | bytes_[offset + static_cast<size_t>(i)];
  return value;
}

void ImageFile::need(uint64_t offset, uint64_t count) const {
  if (offset > size() || count > size() - offset) {
    fail(joined("truncated: the image needs more than the file's ", size(), " bytes"));
  }
}

void ImageFile::check(PixelSize pixels) const {
  const int64_t allowed = std::min(max_pixels_, max_pixels_decodable);
  const std::string extent = joined(pixels.width, " x ", pixels.height, " pixels");
  if (pixels.height < 1 || pixels.width < 1) fail(joined(extent, "; at least 1 x 1 is needed"));
  // The first test keeps the product within 64 bits.
  const bool fits = pixels.height <= INT32_MAX && pixels.width <= INT32_MAX &&
                    pixels.height * pixels.width <= allowed;
  if (!fits) fail(joined(extent, "; at most ", pixel_count(allowed)));
  if (pixels.height > max_side || pixels.width > max_side) {
    fail(joined(extent, "; at most ", max_side, " to a side"));
  }
}

void ImageFile::fail(std::string_view what) const { throw UserError(joined(name_, ": ", what)); }

}  // namespace hdecomp
