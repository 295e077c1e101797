/// Resampling in fixed point: a table of weights for each side, then one pass along rows and one
/// along columns.
#include "runtime/image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr int fraction_bits = 22;  // of a weight

/// The pixels that one sample is made of, and where its weights begin.
struct Span {
  int64_t begin, count;
  size_t weights;
};

struct FilterTable {
  std::vector<Span> spans;
  std::vector<int32_t> weights;  // of a sample: they sum to about 2^22
};

/// A product that the compiler can't fuse into the sum that follows: a fused one rounds differently
/// from PIL.
double rounded(double product) {
  const volatile double stored = product;
  return stored;
}

double triangle(double distance) { return distance < 1.0 ? 1.0 - distance : 0.0; }

/// Keys's cubic convolution with a = -0.5 (IEEE ASSP 29, 1981, eq. 15), in PIL's order of
/// operations.
double cubic(double x) {
  constexpr double a = -0.5;
  if (x < 1.0) return rounded(rounded((rounded((a + 2.0) * x) - (a + 3.0)) * x) * x) + 1.0;
  if (x < 2.0) return (rounded((rounded((x - 5.0) * x) + 8.0) * x) - 4.0) * a;
  return 0.0;
}

/// A weight in fixed point, half rounded away from zero.
int32_t fixed(double weight) {
  return static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + rounded(weight * (1 << fraction_bits)));
}

FilterTable make_table(int64_t pixels, const Sampling& sampling, Interpolation interpolation) {
  const bool is_cubic = interpolation == Interpolation::bicubic;
  const double scale = std::max(sampling.step, 1.0);    // the filter's, in pixels
  const double width = (is_cubic ? 2.0 : 1.0) * scale;  // from its middle to its end
  const double per_pixel = 1.0 / scale;
  FilterTable table;
  std::vector<double> exact;
  for (int64_t i = 0; i < sampling.count; ++i) {
    const auto sample = static_cast<double>(sampling.first + i);
    const double centre = sampling.start + rounded((sample + 0.5) * sampling.step);
    const int64_t begin = std::max<int64_t>(static_cast<int64_t>(centre - width + 0.5), 0);
    const int64_t end = std::min(static_cast<int64_t>(centre + width + 0.5), pixels);
    exact.clear();
    double sum = 0;
    for (int64_t x = begin; x < end; ++x) {
      const double distance =
          std::abs(rounded((static_cast<double>(x) - centre + 0.5) * per_pixel));
      exact.push_back(is_cubic ? cubic(distance) : triangle(distance));
      sum += exact.back();
    }
    table.spans.push_back({begin, end - begin, table.weights.size()});
    for (const double weight : exact) {
      table.weights.push_back(fixed(weight / sum));
    }
  }
  return table;
}

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
  for (const Span& span : table.spans) {
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
  for (const Span& span : table.spans) {
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

bool only_cuts(const Sampling& sampling) { return sampling.step == 1.0 && sampling.start == 0.0; }

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

/// One pixel, whole, for each sample.
FilterTable make_cut(const Sampling& sampling) {
  FilterTable table;
  table.weights.push_back(1 << fraction_bits);
  for (int64_t i = 0; i < sampling.count; ++i) table.spans.push_back({sampling.first + i, 1, 0});
  return table;
}

/// The pixel that each sample's centre lies in. PIL adds step to step, and so rounds as often.
FilterTable make_nearest(int64_t pixels, const Sampling& sampling) {
  FilterTable table;
  table.weights.push_back(1 << fraction_bits);
  double centre = sampling.start + rounded(sampling.step * 0.5);
  for (int64_t i = 0; i < sampling.first; ++i) centre += sampling.step;
  for (int64_t i = 0; i < sampling.count; ++i, centre += sampling.step) {
    table.spans.push_back({std::clamp<int64_t>(static_cast<int64_t>(centre), 0, pixels - 1), 1, 0});
  }
  return table;
}

FilterTable table_for(int64_t pixels, const Sampling& sampling, Interpolation interpolation) {
  if (only_cuts(sampling)) return make_cut(sampling);
  if (interpolation == Interpolation::nearest) return make_nearest(pixels, sampling);
  return make_table(pixels, sampling, interpolation);
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
  for (const Span& span : table_for(pixels, sampling, Interpolation::nearest).spans) {
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
  const Span& top = along_columns.spans.front();
  const Span& bottom = along_columns.spans.back();
  const int64_t end = bottom.begin + bottom.count;
  check_area(end - top.begin, columns.count);
  const Image narrow = pass_along_rows(image, along_rows, top.begin, end);
  return pass_along_columns(narrow, along_columns, top.begin);
}

}  // namespace hdecomp
