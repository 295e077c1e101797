/// Resize and centre crop, with torchvision's roundings.
#include "runtime/image/preprocess.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/image/planes.h"

namespace hdecomp {
namespace {

constexpr int64_t largest_resize = 65535;

void check_planes(const Image& image, int64_t crop) {
  const bool fits = image.height == crop && image.width == crop &&
                    std::ssize(image.planes) == Image::channels * crop * crop;
  if (!fits) {
    throw UserError(joined(image.planes.size(), " values of an image's own planes, ", image.width,
                           " x ", image.height, " pixels, for a network that sees ", crop, " x ",
                           crop));
  }
  if (!are_pixels(image.planes)) {
    throw UserError("an image's own planes hold a value that is not from 0 to 1");
  }
}

}  // namespace

Image resized(const Image& image, int64_t height, int64_t width, Interpolation interpolation) {
  check_pixels(image);
  return resample(image, centre_crop_sampling(image.height, height, height),
                  centre_crop_sampling(image.width, width, width), interpolation);
}

Image resize_bilinear(const Image& image, int64_t height, int64_t width) {
  return resized(image, height, width, Interpolation::bilinear);
}

Extent resized_extent(const Image& image, const Preprocess& rule) {
  check_pixels(image);
  if (rule.size < 1 || rule.size > largest_resize) {
    throw UserError(joined("resize to ", rule.size, " pixels; it must be 1 to ", largest_resize));
  }
  if (rule.resize == Resize::square) return {rule.size, rule.size};
  const int64_t shorter = std::min(image.height, image.width);
  const int64_t longer = std::max(image.height, image.width);
  const auto other =
      static_cast<int64_t>(static_cast<double>(rule.size * longer) / static_cast<double>(shorter));
  return image.height <= image.width ? Extent{rule.size, other} : Extent{other, rule.size};
}

Image centre_crop(const Image& image, int64_t height, int64_t width) {
  check_pixels(image);
  return resample(image, centre_crop_sampling(image.height, image.height, height),
                  centre_crop_sampling(image.width, image.width, width));
}

NetworkSamples network_samples(const Image& image, const Preprocess& rule) {
  const Extent extent = resized_extent(image, rule);
  if (image.planes.empty()) {
    return {centre_crop_sampling(image.height, extent.height, rule.crop),
            centre_crop_sampling(image.width, extent.width, rule.crop)};
  }
  check_planes(image, rule.crop);
  const Sampling whole = centre_crop_sampling(rule.crop, rule.crop, rule.crop);
  return {whole, whole};
}

Image network_view(const Image& image, const Preprocess& rule) {
  // Only the crop's samples are computed: a long thin picture would become far too large in whole.
  const NetworkSamples samples = network_samples(image, rule);
  return resample(image, samples.rows, samples.columns, rule.interpolation);
}

}  // namespace hdecomp
