/// PNG files whose samples are labels: the palette's indexes, or grey values, as they are stored.
#include <algorithm>
#include <array>

#include "hdecomp/error.h"
#include "runtime/image/deflate.h"
#include "runtime/image/image_formats.h"
#include "runtime/labels/label_files.h"

namespace hdecomp {
namespace {

/// Every so many-th pixel of every so many-th row: all of them, or one of Adam7's seven passes.
struct Pass {
  int64_t top, left, down, right;
};
constexpr Pass whole[]{{0, 0, 1, 1}};
constexpr Pass interlaced[]{{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                            {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};

/// All IDAT chunks' data. The file has passed check_png().
std::vector<uint8_t> stream_of(const ImageFile& file) {
  std::vector<uint8_t> stream;
  for (size_t at = 8; at + 12 <= file.size();) {
    const size_t length = file.big_endian(at, 4);
    const uint32_t type = file.big_endian(at + 4, 4);
    file.need(at, length + 12);
    const auto data = file.bytes().subspan(at + 8, length);
    if (type == 0x49444154) stream.insert(stream.end(), data.begin(), data.end());
    if (type == 0x49454E44) break;
    at += length + 12;
  }
  return stream;
}

/// The byte that a filter expects here: of left, up, and left of up the nearest to their plane.
uint8_t paeth(int left, int up, int corner) {
  const int plane = left + up - corner;
  const int a = std::abs(plane - left), b = std::abs(plane - up), c = std::abs(plane - corner);
  if (a <= b && a <= c) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(b <= c ? up : corner);
}

/// Undoes a row's filter; `up` is the row above, all 0 of the first. `each`: bytes of a pixel.
bool undo_filter(uint8_t filter, std::span<uint8_t> row, std::span<const uint8_t> up, size_t each) {
  if (filter > 4) return false;
  for (size_t i = 0; i < row.size(); ++i) {
    const uint8_t left = i >= each ? row[i - each] : 0, corner = i >= each ? up[i - each] : 0;
    const std::array<uint8_t, 5> expected{0, left, up[i], static_cast<uint8_t>((left + up[i]) / 2),
                                          paeth(left, up[i], corner)};
    row[i] = static_cast<uint8_t>(row[i] + expected[filter]);
  }
  return true;
}

class Decoder {
 public:
  explicit Decoder(const ImageFile& file) : file_(file), size_(check_png(file)) {
    bits_ = file.byte(24);
    const uint8_t colour = file.byte(25);
    constexpr uint8_t grey = 0, palette = 3;
    if (colour != grey && colour != palette) {
      file.fail("a label PNG with colours; one with a palette, or grey, is needed");
    }
    const bool is_known =
        bits_ == 1 || bits_ == 2 || bits_ == 4 || bits_ == 8 || (bits_ == 16 && colour == grey);
    if (!is_known || file.byte(28) > 1) file.fail("corrupt PNG: an unknown kind of samples");
    passes_ = file.byte(28) == 1 ? std::span<const Pass>(interlaced) : std::span<const Pass>(whole);
  }

  RawLabels decode() {
    size_t bytes = 0;
    for (const Pass& pass : passes_) {
      if (columns(pass) > 0) bytes += static_cast<size_t>(rows(pass)) * (row_bytes(pass) + 1);
    }
    rows_ = inflated(stream_of(file_), bytes);
    if (rows_.size() != bytes) file_.fail("corrupt or truncated PNG: its samples end early");
    RawLabels labels{size_.height, size_.width,
                     std::vector<uint16_t>(static_cast<size_t>(size_.height * size_.width))};
    size_t at = 0;
    for (const Pass& pass : passes_) {
      if (columns(pass) > 0) at = decode(pass, at, labels);
    }
    return labels;
  }

 private:
  int64_t rows(const Pass& pass) const {
    return (size_.height - pass.top + pass.down - 1) / pass.down;
  }
  int64_t columns(const Pass& pass) const {
    return (size_.width - pass.left + pass.right - 1) / pass.right;
  }
  size_t row_bytes(const Pass& pass) const {
    return (static_cast<size_t>(columns(pass)) * bits_ + 7) / 8;
  }

  /// Returns where the next pass begins.
  size_t decode(const Pass& pass, size_t at, RawLabels& labels) {
    const size_t length = row_bytes(pass);
    const std::vector<uint8_t> zeros(length);
    std::span<const uint8_t> up = zeros;
    for (int64_t y = pass.top; y < size_.height; y += pass.down, at += length + 1) {
      const std::span<uint8_t> row(rows_.data() + at + 1, length);
      if (!undo_filter(rows_[at], row, up, bits_ == 16 ? 2 : 1)) {
        file_.fail("corrupt PNG: an unknown filter");
      }
      up = row;
      size_t i = 0;
      for (int64_t x = pass.left; x < size_.width; x += pass.right, ++i) {
        labels.numbers[y * size_.width + x] = sample(row, i);
      }
    }
    return at;
  }

  uint16_t sample(std::span<const uint8_t> row, size_t i) const {
    if (bits_ == 16) return static_cast<uint16_t>(row[2 * i] << 8 | row[2 * i + 1]);
    const size_t first_bit = i * bits_;
    const size_t below = 8 - bits_ - first_bit % 8;  // bits of the byte after it
    return static_cast<uint16_t>(row[first_bit / 8] >> below & ((1u << bits_) - 1));
  }

  const ImageFile& file_;
  PixelSize size_;
  size_t bits_ = 0;  // of a sample
  std::span<const Pass> passes_;
  std::vector<uint8_t> rows_;
};

}  // namespace

RawLabels png_labels(const ImageFile& file) { return Decoder(file).decode(); }

}  // namespace hdecomp
