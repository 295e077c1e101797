/// Resampling in fixed point: a table of weights for each side, then one pass along rows and one
/// along columns.
#include "runtime/image/resample.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "hdecomp/error.h"
#include "runtime/image/filter_table.h"

namespace hdecomp {
namespace {

/// A weighted sum of bytes, which began at `half`, as a byte.
uint8_t rounded_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> fraction_bits, 0, 255));
}
constexpr int32_t half = 1 << (fraction_bits - 1);

/// The sums of a pixel's channels side by side. The fourth is of the next byte, for whole words are
/// read and written.
using Word = uint8_t __attribute__((vector_size(4)));
using Sums = int32_t __attribute__((vector_size(16)));

Sums sums_of(const uint8_t* pixel, int32_t weight) {
  Word word;
  std::memcpy(&word, pixel, sizeof word);
  return weight * __builtin_convertvector(word, Sums);
}

void put_rounded(Sums sums, uint8_t* to) {
  sums >>= fraction_bits;
  sums = sums < 0 ? Sums{} : sums;
  sums = sums > 255 ? Sums{} + 255 : sums;
  const Word word = __builtin_convertvector(sums, Word);
  std::memcpy(to, &word, sizeof word);
}

/// Samples along a row, behind which there is a byte to read, and behind the samples one to write.
void pass_along_row(const uint8_t* row, const FilterTable& table, uint8_t* to) {
  for (const FilterSpan& span : table.spans) {
    const uint8_t* from = row + span.begin * Image::channels;
    const int32_t* weights = table.weights.data() + span.weights;
    Sums sums = Sums{} + half;
    for (int64_t i = 0; i < span.count; ++i)
      sums += sums_of(from + i * Image::channels, weights[i]);
    put_rounded(sums, to);
    to += Image::channels;
  }
}

/// Rows [row_begin, row_end) of the picture, with samples along them.
Image pass_along_rows(const Image& image, const FilterTable& table, int64_t row_begin,
                      int64_t row_end) {
  const auto width = static_cast<int64_t>(table.spans.size()), height = row_end - row_begin;
  const auto row_bytes = static_cast<size_t>(width * Image::channels);
  const auto from_bytes = static_cast<size_t>(image.width * Image::channels);
  Image out{height, width, std::vector<uint8_t>(static_cast<size_t>(height) * row_bytes)};
  // The last rows, of either, have nothing behind them.
  std::vector<uint8_t> last_in(from_bytes + 1), last_out(row_bytes + 1);
  for (int64_t y = row_begin; y < row_end; ++y) {
    const uint8_t* row = image.rgb.data() + static_cast<size_t>(y) * from_bytes;
    if (y + 1 == image.height) row = std::copy_n(row, from_bytes, last_in.data()) - from_bytes;
    uint8_t* to = out.rgb.data() + static_cast<size_t>(y - row_begin) * row_bytes;
    const bool is_last = y + 1 == row_end;
    pass_along_row(row, table, is_last ? last_out.data() : to);
    if (is_last) std::copy_n(last_out.data(), row_bytes, to);
  }
  return out;
}

/// Samples along the columns; `image` begins at row `row_begin` of the picture that the table is
/// for.
Image pass_along_columns(const Image& image, const FilterTable& table, int64_t row_begin) {
  const auto height = static_cast<int64_t>(table.spans.size());
  const auto row_bytes = static_cast<size_t>(image.width * Image::channels);
  Image out{height, image.width, std::vector<uint8_t>(static_cast<size_t>(height) * row_bytes)};
  std::vector<int32_t> sums(row_bytes);
  uint8_t* to = out.rgb.data();
  for (const FilterSpan& span : table.spans) {
    std::fill(sums.begin(), sums.end(), half);
    const auto first = static_cast<size_t>(span.begin - row_begin);
    for (size_t i = 0; i < static_cast<size_t>(span.count); ++i) {
      const uint8_t* from = image.rgb.data() + (first + i) * row_bytes;
      const int32_t weight = table.weights[span.weights + i];
      for (size_t x = 0; x < row_bytes; ++x) sums[x] += weight * from[x];
    }
    for (size_t x = 0; x < row_bytes; ++x) to[x] = rounded_byte(sums[x]);
    to += row_bytes;
  }
  return out;
}

/// The pixels that the samples of both sides are.
Image cut(const Image& image, const Sampling& rows, const Sampling& columns) {
  const int64_t row_bytes = columns.count * Image::channels;
  Image out{rows.count, columns.count, {}};
  out.rgb.reserve(static_cast<size_t>(rows.count * row_bytes));
  for (int64_t y = rows.first; y < rows.first + rows.count; ++y) {
    const uint8_t* from = image.rgb.data() + (y * image.width + columns.first) * Image::channels;
    out.rgb.insert(out.rgb.end(), from, from + row_bytes);
  }
  return out;
}

void check_area(int64_t height, int64_t width) {
  constexpr int64_t max_pixels = int64_t{1} << 28;
  if (height < 1 || width < 1 || height > max_pixels / width) {
    throw UserError(joined("resizing needs a picture of ", width, " x ", height,
                           " pixels; it must have 1 to ", max_pixels));
  }
}

}  // namespace

Sampling centre_crop_sampling(int64_t pixels, int64_t resized, int64_t crop) {
  if (crop > resized) {
    throw UserError(
        joined("crop ", crop, " is larger than the resized image (", resized, " pixels)"));
  }
  if (crop < 1) throw UserError(joined("a side of ", crop, " pixels; it must be at least 1"));
  const int64_t rest = resized - crop, rounded_down = rest / 2;
  const int64_t begin = rest % 2 != 0 && rounded_down % 2 != 0 ? rounded_down + 1 : rounded_down;
  return {0.0, static_cast<double>(pixels) / static_cast<double>(resized), begin, crop};
}

std::vector<int64_t> nearest_pixels(int64_t pixels, const Sampling& sampling) {
  std::vector<int64_t> taken;
  for (const FilterSpan& span : table_for(pixels, sampling, Interpolation::nearest).spans) {
    taken.push_back(span.begin);
  }
  return taken;
}

void check_pixels(const Image& image) {
  const bool has_size =
      image.height > 0 && image.width > 0 && image.height <= INT32_MAX && image.width <= INT32_MAX;
  if (!has_size ||
      image.rgb.size() / Image::channels != static_cast<size_t>(image.height * image.width) ||
      image.rgb.size() % Image::channels != 0) {
    throw UserError(joined("an image of ", image.width, " x ", image.height, " pixels with ",
                           image.rgb.size(),
                           " bytes; it needs 3 bytes for each of at least 1 x 1"));
  }
}

void require_pixels(const Image& image) {
  if (image.input.empty()) return;
  throw ImageError("a network's input itself has no pixels to change; give 8-bit pixels");
}

Image resample(const Image& image, const Sampling& rows, const Sampling& columns,
               Interpolation interpolation) {
  check_area(rows.count, columns.count);
  if (only_cuts(rows) && only_cuts(columns)) return cut(image, rows, columns);
  const FilterTable along_rows = table_for(image.width, columns, interpolation);
  const FilterTable along_columns = table_for(image.height, rows, interpolation);
  const FilterSpan& top = along_columns.spans.front();
  const FilterSpan& bottom = along_columns.spans.back();
  const int64_t end = bottom.begin + bottom.count;
  check_area(end - top.begin, columns.count);
  const Image narrow = pass_along_rows(image, along_rows, top.begin, end);
  return pass_along_columns(narrow, along_columns, top.begin);
}

}  // namespace hdecomp
