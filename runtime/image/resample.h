/// Resampling of 8-bit RGB pictures, bit for bit as PIL's BILINEAR (a triangle filter), BICUBIC and
/// NEAREST do it.
#pragma once

#include <cstdint>
#include <vector>

#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"
#include "runtime/image/sampling.h"

namespace hdecomp {

/// The samples of the middle `crop` pixels of a side of `pixels` pixels that is resized to
/// `resized`; half a pixel is rounded to even. Throws UserError if the crop is larger than that, or
/// below 1.
Sampling centre_crop_sampling(int64_t pixels, int64_t resized, int64_t crop);

/// Along a side of `pixels` pixels the pixel that each sample's centre lies in, as NEAREST takes
/// it.
std::vector<int64_t> nearest_pixels(int64_t pixels, const Sampling& sampling);

/// Throws UserError unless the image has at least one pixel and 3 bytes for each.
void check_pixels(const Image& image);

/// Throws ImageError for a network's input itself: what changes pixels needs them.
void require_pixels(const Image& image);

/// The (rows.count, columns.count) samples of the picture: first along rows, then along columns,
/// rounded to 8 bits after each. A side where the samples are the picture's own pixels (step 1,
/// start 0) is only cut. Every sample's centre must lie within the picture, which must have passed
/// check_pixels. Throws UserError if more than 2^28 pixels would be needed on the way.
Image resample(const Image& image, const Sampling& rows, const Sampling& columns,
               Interpolation interpolation = Interpolation::bilinear);

}  // namespace hdecomp
