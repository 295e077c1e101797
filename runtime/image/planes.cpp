/// Pixels from one order to the other.
#include "runtime/image/planes.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/image.h"

namespace hdecomp {
namespace {

/// Where a picture of `area` pixels has value `i` of its planes.
size_t interleaved(size_t i, size_t area) { return i % area * Image::channels + i / area; }

}  // namespace

bool are_pixels(std::span<const float> planes) {
  return std::ranges::all_of(planes, [](float v) { return v >= 0 && v <= 1; });
}

std::vector<float> planes_of_rgb(std::span<const uint8_t> rgb) {
  std::vector<float> planes(rgb.size());
  const size_t area = rgb.size() / Image::channels;
  for (size_t i = 0; i < planes.size(); ++i) {
    planes[i] = static_cast<float>(rgb[interleaved(i, area)]) / 255;
  }
  return planes;
}

std::vector<uint8_t> rgb_of_planes(std::span<const float> planes) {
  std::vector<uint8_t> rgb(planes.size());
  const size_t area = planes.size() / Image::channels;
  for (size_t i = 0; i < planes.size(); ++i) {
    rgb[interleaved(i, area)] = static_cast<uint8_t>(std::lround(255 * planes[i]));
  }
  return rgb;
}

}  // namespace hdecomp
