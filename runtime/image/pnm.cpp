/// The decoder for binary PGM and PPM files. stb_image's own mistakes 16-bit samples for 8-bit ones
/// and does not scale to the file's largest value.
#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/image/image_formats.h"

namespace hdecomp {
namespace {

bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/// Reads the numbers of the header, which stand between white space and "# remarks".
class HeaderReader {
 public:
  HeaderReader(const ImageFile& file, size_t offset) : file_(file), offset_(offset) {}

  int64_t number(const char* what) {
    skip_space();
    if (!is_digit(file_.byte(offset_))) file_.fail(joined("corrupt PNM: no ", what));
    int64_t value = 0;
    for (; is_digit(file_.byte(offset_)); ++offset_) {
      value = std::min<int64_t>(value * 10 + (file_.byte(offset_) - '0'), INT32_MAX);
    }
    return value;
  }

  /// The offset after the one white space that ends the header.
  size_t end() {
    if (!is_space(file_.byte(offset_))) file_.fail("corrupt PNM: the header does not end");
    return offset_ + 1;
  }

 private:
  void skip_space() {
    for (;; ++offset_) {
      if (file_.byte(offset_) == '#') {
        while (file_.byte(offset_) != '\n' && file_.byte(offset_) != '\r') ++offset_;
      }
      if (!is_space(file_.byte(offset_))) return;
    }
  }

  const ImageFile& file_;
  size_t offset_;
};

/// A sample of 0 to `largest` as 0 to 255: the upper byte of 16-bit samples, else the nearest
/// value.
uint8_t to_8_bits(uint32_t sample, uint32_t largest) {
  if (largest == 255) return static_cast<uint8_t>(sample);
  if (largest == 65535) return static_cast<uint8_t>(sample >> 8);
  return static_cast<uint8_t>((std::min(sample, largest) * 255 + largest / 2) / largest);
}

}  // namespace

bool is_pnm(const ImageFile& file) {
  return file.size() >= 3 && file.byte(0) == 'P' && file.byte(1) >= '1' && file.byte(1) <= '6' &&
         (is_space(file.byte(2)) || file.byte(2) == '#');
}

Image decode_pnm(const ImageFile& file) {
  const uint8_t kind = file.byte(1);
  if (kind != '5' && kind != '6') {
    file.fail(joined("a PNM file of kind P", kind - '0',
                     "; P5 and P6 (binary grey or colour) can be read"));
  }
  HeaderReader header(file, 2);
  const int64_t width = header.number("width"), height = header.number("height");
  file.check({height, width});
  const int64_t largest = header.number("largest value");
  if (largest < 1 || largest > 65535) file.fail("corrupt PNM: the largest value is not 1 to 65535");
  const size_t begin = header.end();
  const int64_t channels = kind == '6' ? 3 : 1, sample_bytes = largest > 255 ? 2 : 1;
  const int64_t pixels = height * width;
  file.need(begin, static_cast<uint64_t>(pixels * channels * sample_bytes));

  Image image{height, width, std::vector<uint8_t>(static_cast<size_t>(pixels) * Image::channels)};
  const uint8_t* samples = file.bytes().data() + begin;
  for (int64_t i = 0; i < pixels * Image::channels; ++i) {
    const uint8_t* sample = samples + (channels == 3 ? i : i / 3) * sample_bytes;
    const uint32_t value = sample_bytes == 1 ? sample[0] : sample[0] << 8 | sample[1];
    image.rgb[static_cast<size_t>(i)] = to_8_bits(value, static_cast<uint32_t>(largest));
  }
  return image;
}

}  // namespace hdecomp
