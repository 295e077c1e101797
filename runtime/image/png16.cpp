/// Images of 16 bits a sample as PNG files.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/image.h"
#include "runtime/image/image_file.h"
#include "runtime/image/png_write.h"
#include "weights/file/atomic_file.h"

namespace hdecomp {
namespace {

using FileContent = std::vector<uint8_t>;

/// Rows of interleaved samples, the upper byte first, each behind its filter's number, 0.
FileContent samples_of(std::span<const float> planes, int64_t height, int64_t width) {
  FileContent samples;
  for (int64_t y = 0; y < height; ++y) {
    samples.push_back(0);
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < Image::channels; ++c) {
        const float value = std::clamp(planes[(c * height + y) * width + x], 0.0f, 1.0f);
        const auto sample = static_cast<uint16_t>(std::lround(65535 * double{value}));
        samples.push_back(static_cast<uint8_t>(sample >> 8));
        samples.push_back(static_cast<uint8_t>(sample));
      }
    }
  }
  return samples;
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
  write_file_atomically(path, png_of_rows(height, width, 16, samples_of(planes, height, width)));
}

}  // namespace hdecomp
