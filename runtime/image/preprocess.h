/// From photograph to the pixels that a network sees: resize and centre crop, as torchvision does
/// on PIL images.
#pragma once

#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"
#include "runtime/image/resample.h"

namespace hdecomp {

/// The image resized to (height, width) as PIL's Image.resize does it.
Image resized(const Image& image, int64_t height, int64_t width, Interpolation interpolation);

/// Antialiased bilinear resize to (height, width): a triangle filter as wide as the reduction,
/// first along rows, then along columns, rounded to 8 bits after each, as PIL's
/// Image.resize(BILINEAR) does.
Image resize_bilinear(const Image& image, int64_t height, int64_t width);

/// The resized image's size under the rule (before the crop).
PixelSize resized_extent(const Image& image, const Preprocess& rule);

/// The middle `height` x `width` of an image, torchvision's rounding (half to even); `image` must
/// be at least that large.
Image centre_crop(const Image& image, int64_t height, int64_t width);

/// Which samples of an image the network sees: resized and cropped, or where the image has planes
/// or an input its own pixels as they are. Throws UserError for a rule that the image is too small
/// for, and for planes that are not (3, crop) from 0 to 1; ImageError for an input that is not (3,
/// crop).
struct NetworkSamples {
  Sampling rows, columns;
};
NetworkSamples network_samples(const Image& image, const Preprocess& rule);

/// What the network sees, as pixels, of the crop's size.
Image network_view(const Image& image, const Preprocess& rule);

}  // namespace hdecomp
