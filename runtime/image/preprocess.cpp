/// Resize and centre crop, with torchvision's roundings.
#include "runtime/image/preprocess.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/image/planes.h"

namespace hdecomp {
namespace {

constexpr int64_t largest_resize = 65535;

/// Of an image that is a network's input: for a network of that size alone.
void check_input(const Image& image, const PixelSize& crop) {
  const PixelSize size{image.height, image.width};
  if (size == crop && std::ssize(image.input) == Image::channels * crop.height * crop.width) return;
  throw ImageError(joined("an input of ", image.input.size(), " values for ", size,
                          " pixels, for a network whose input is 3 x ", crop));
}

void check_planes(const Image& image, const PixelSize& crop) {
  const PixelSize size{image.height, image.width};
  if (size != crop || std::ssize(image.planes) != Image::channels * crop.height * crop.width) {
    throw UserError(joined(image.planes.size(), " values of an image's own planes, ", size,
                           " pixels, for a network that sees ", crop));
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

PixelSize resized_extent(const Image& image, const Preprocess& rule) {
  check_pixels(image);
  const PixelSize& size = rule.size;
  if (!PixelSize(1).fits_in(size) || !size.fits_in(largest_resize)) {
    throw UserError(joined("resize to ", size, " pixels; sides must be 1 to ", largest_resize));
  }
  if (rule.resize == Resize::stretch) return size;
  const auto scaled = [](int64_t side, int64_t to, int64_t from) {
    return static_cast<int64_t>(static_cast<double>(to * side) / static_cast<double>(from));
  };
  // By the side that must grow most, so that the other is as long as asked or longer.
  if (size.height * image.width >= size.width * image.height) {
    return {size.height, scaled(image.width, size.height, image.height)};
  }
  return {scaled(image.height, size.width, image.width), size.width};
}

Image centre_crop(const Image& image, int64_t height, int64_t width) {
  check_pixels(image);
  return resample(image, centre_crop_sampling(image.height, image.height, height),
                  centre_crop_sampling(image.width, image.width, width));
}

NetworkSamples network_samples(const Image& image, const Preprocess& rule) {
  const PixelSize extent = resized_extent(image, rule);
  if (image.planes.empty() && image.input.empty()) {
    return {centre_crop_sampling(image.height, extent.height, rule.crop.height),
            centre_crop_sampling(image.width, extent.width, rule.crop.width)};
  }
  if (image.input.empty()) {
    check_planes(image, rule.crop);
  } else {
    check_input(image, rule.crop);
  }
  const auto whole = [](int64_t side) { return centre_crop_sampling(side, side, side); };
  return {whole(rule.crop.height), whole(rule.crop.width)};
}

Image network_view(const Image& image, const Preprocess& rule) {
  // Only the crop's samples are computed: a long thin picture would become far too large in whole.
  const NetworkSamples samples = network_samples(image, rule);
  return resample(image, samples.rows, samples.columns, rule.interpolation);
}

}  // namespace hdecomp
