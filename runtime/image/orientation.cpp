/// The EXIF orientation tag, read and applied.
#include "runtime/image/orientation.h"

#include <algorithm>

#include "runtime/image/image_formats.h"
#include "runtime/image/library_formats.h"

namespace hdecomp {
namespace {

using Bytes = std::span<const uint8_t>;

/// A TIFF structure: "II" or "MM", 42, and the place of its first directory.
class TiffDirectory {
 public:
  explicit TiffDirectory(Bytes tiff)
      : tiff_(tiff), little_(tiff.size() > 1 && tiff[0] == 'I' && tiff[1] == 'I') {}

  /// Entries have 12 bytes: tag, type, count, and the value itself where it is short.
  int orientation() const {
    const uint32_t first = number(4, 4), entries = number(first, 2);
    for (uint32_t i = 0; i < entries; ++i) {
      const size_t entry = size_t{first} + 2 + size_t{12} * i;
      if (number(entry, 2) != 0x0112) continue;
      const uint32_t value = number(entry + 8, 2);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
  }

 private:
  /// 0 outside.
  uint32_t number(size_t offset, size_t count) const {
    if (offset > tiff_.size() || count > tiff_.size() - offset) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | tiff_[offset + (little_ ? count - 1 - i : i)];
    }
    return value;
  }

  Bytes tiff_;
  bool little_;
};

/// JPEG: the first APP1 segment that begins with "Exif", ahead of the picture data.
Bytes exif_of_jpeg(const ImageFile& file) {
  const Bytes bytes = file.bytes();
  for (size_t at = 2; at + 4 <= bytes.size() && bytes[at] == 0xFF;) {
    const uint8_t marker = bytes[at + 1];
    const size_t length = size_t{bytes[at + 2]} << 8 | bytes[at + 3];
    if (marker == 0xDA || length < 2 || length > bytes.size() - at - 2) return {};
    const Bytes segment = bytes.subspan(at + 4, length - 2);
    constexpr uint8_t exif[] = {'E', 'x', 'i', 'f', 0, 0};
    if (marker == 0xE1 && segment.size() > sizeof exif &&
        std::equal(std::begin(exif), std::end(exif), segment.begin())) {
      return segment.subspan(sizeof exif);
    }
    at += 2 + length;
  }
  return {};
}

/// PNG: the chunk eXIf.
Bytes exif_of_png(const ImageFile& file) {
  const Bytes bytes = file.bytes();
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const size_t length = file.big_endian(at, 4);
    if (length > bytes.size() - at - 12) return {};
    if (file.big_endian(at + 4, 4) == 0x65584966) return bytes.subspan(at + 8, length);
    at += 12 + length;
  }
  return {};
}

/// WebP: the RIFF chunk EXIF, which may begin as JPEG's segment does.
Bytes exif_of_webp(const ImageFile& file) {
  for (size_t at = 12; at + 8 <= file.size();) {
    const size_t length = file.little_endian(at + 4, 4);
    if (length > file.size() - at - 8) return {};
    if (file.big_endian(at, 4) == 0x45584946) {
      const Bytes chunk = file.bytes().subspan(at + 8, length);
      const bool has_name = length >= 6 && file.big_endian(at + 8, 4) == 0x45786966;
      return has_name ? chunk.subspan(6) : chunk;
    }
    at += 8 + length + length % 2;
  }
  return {};
}

}  // namespace

int orientation_of(const ImageFile& file) {
  if (is_tiff(file)) return TiffDirectory(file.bytes()).orientation();
  if (is_webp(file)) return TiffDirectory(exif_of_webp(file)).orientation();
  if (is_jpeg(file)) return TiffDirectory(exif_of_jpeg(file)).orientation();
  if (is_png(file)) return TiffDirectory(exif_of_png(file)).orientation();
  return 1;
}

UprightPixels::UprightPixels(int orientation, int64_t height, int64_t width)
    : stored_height_(height),
      stored_width_(width),
      exchanged_(orientation >= 5),
      down_(orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7),
      right_(orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {}

Image upright(Image image) {
  const int how = image.orientation;
  if (how == 1) return image;
  const UprightPixels pixels(how, image.height, image.width);
  Image result;
  result.height = pixels.height();
  result.width = pixels.width();
  result.turned_by = how;
  result.rgb.resize(image.rgb.size());
  for (int64_t y = 0; y < result.height; ++y) {
    for (int64_t x = 0; x < result.width; ++x) {
      std::copy_n(image.rgb.data() + pixels.stored(y, x) * Image::channels, Image::channels,
                  result.rgb.data() + (y * result.width + x) * Image::channels);
    }
  }
  return result;
}

std::vector<uint8_t> stored_pixels(const Image& image) {
  if (image.turned_by == 1) return image.rgb;
  const bool exchanged = image.turned_by >= 5;
  const UprightPixels pixels(image.turned_by, exchanged ? image.width : image.height,
                             exchanged ? image.height : image.width);
  std::vector<uint8_t> stored(image.rgb.size());
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width; ++x) {
      std::copy_n(image.rgb.data() + (y * image.width + x) * Image::channels, Image::channels,
                  stored.data() + pixels.stored(y, x) * Image::channels);
    }
  }
  return stored;
}

}  // namespace hdecomp
