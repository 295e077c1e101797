/// What a region's pixels become. All in whole numbers: the same bytes on every machine.
#include <algorithm>
#include <array>

#include "hdecomp/error.h"
#include "hdecomp/region.h"
#include "runtime/image/resample.h"

namespace hdecomp {
namespace {

constexpr int64_t colours = Image::channels;
constexpr uint8_t mid_grey = 128;

/// sum / count, a half upward.
uint8_t mean_of(int64_t sum, int64_t count) {
  return static_cast<uint8_t>((2 * sum + count) / (2 * count));
}

/// Of `count` groups of `size` bytes, one behind the other, each becomes the mean of the
/// 2 radius + 1 around it, byte by byte; beyond the ends the end's own group counts on.
void blur_groups(const uint8_t* from, uint8_t* to, int64_t count, int64_t size, int64_t radius) {
  const auto group = [&](int64_t i) { return from + std::clamp<int64_t>(i, 0, count - 1) * size; };
  std::vector<int64_t> sums(size);
  for (int64_t i = -radius; i <= radius; ++i) {
    for (int64_t k = 0; k < size; ++k) sums[k] += group(i)[k];
  }
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t *comes = group(i + radius + 1), *goes = group(i - radius);
    for (int64_t k = 0; k < size; ++k) {
      to[i * size + k] = mean_of(sums[k], 2 * radius + 1);
      sums[k] += comes[k] - goes[k];
    }
  }
}

/// Three means in a row, along rows and columns, which is near a Gaussian of deviation `radius`: a
/// sixteenth of the shorter side, beside which nothing that is an object stays.
std::vector<uint8_t> blurred(const Image& photo) {
  const int64_t radius = std::max<int64_t>(std::min(photo.height, photo.width) / 16, 1);
  const int64_t row = photo.width * colours;
  std::vector<uint8_t> now = photo.rgb, next(now.size());
  for (int pass = 0; pass < 3; ++pass) {
    for (int64_t y = 0; y < photo.height; ++y) {
      blur_groups(now.data() + y * row, next.data() + y * row, photo.width, colours, radius);
    }
    blur_groups(next.data(), now.data(), photo.height, row, radius);
  }
  return now;
}

std::array<uint8_t, colours> mean_colour(const Image& photo) {
  std::array<int64_t, colours> sums{};
  for (size_t i = 0; i < photo.rgb.size(); ++i) sums[i % colours] += photo.rgb[i];
  std::array<uint8_t, colours> mean{};
  for (size_t c = 0; c < colours; ++c) mean[c] = mean_of(sums[c], photo.height * photo.width);
  return mean;
}

void check_inside(const Image& photo, const PhotoBox& box) {
  if (is_inside(box, photo)) return;
  throw UserError(joined("the box ", box.x, ",", box.y, ",", box.width, ",", box.height,
                         " (x, y, width, height) is not inside the photograph, which has ",
                         photo.width, " x ", photo.height, " pixels"));
}

}  // namespace

PixelFiller::PixelFiller(const Image& photo, RegionFill fill) : photo_(photo), fill_(fill) {
  check_pixels(photo);
  require_pixels(photo);
  if (fill == RegionFill::blur) blurred_ = blurred(photo);
  colour_ = {mid_grey, mid_grey, mid_grey};
  if (fill == RegionFill::mean) colour_ = mean_colour(photo);
}

Image PixelFiller::filled(const PhotoRegion& region) const {
  check_inside(photo_, region.box);
  Image image = photo_;
  const size_t area = image.rgb.size() / colours;
  for (int64_t y = region.box.y; y < region.box.y + region.box.height; ++y) {
    for (int64_t x = region.box.x; x < region.box.x + region.box.width; ++x) {
      if (!region.holds(x, y)) continue;
      const size_t pixel = y * image.width + x;
      for (size_t c = 0; c < colours; ++c) {
        const size_t at = pixel * colours + c;
        image.rgb[at] = fill_ == RegionFill::blur ? blurred_[at] : colour_[c];
        if (image.planes.empty()) continue;
        image.planes.at(c * area + pixel) = static_cast<float>(image.rgb[at]) / 255;
      }
    }
  }
  return image;
}

}  // namespace hdecomp
