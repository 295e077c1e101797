/// Activation maps drawn over the photograph, for the nodes of an evidence tree.
#pragma once

#include <cstdint>
#include <span>

#include "hdecomp/drawing.h"
#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"

namespace hdecomp {

/// The crop's size enlarged or reduced so that its longer side has `side` pixels.
PixelSize drawn_size(const Preprocess& rule, int64_t side);

/// A part of what the network sees, in fractions of its height and width.
struct ViewPart {
  struct Axis {
    double begin = 0, extent = 1;
  };
  Axis rows = {}, columns = {};
};

/// The region of the photograph that network_view shows, or a part of it, resampled from the
/// photograph itself, so that a large drawing is sharp. Throws UserError as network_view does.
Image crop_of_photo(const Image& photo, const Preprocess& rule, const PixelSize& size,
                    const ViewPart& part = {});
/// The whole in drawn_size.
Image crop_of_photo(const Image& photo, const Preprocess& rule, int64_t side);

/// A picture of `size`: `view` (what the network sees) with the map's colours over it and a
/// white ring with a black core at the centre of the map's cell (peak_y, peak_x). `map` is
/// (map_height, map_width), row-major. Values below 0 count as 0, the largest as 1; of
/// Colours::signed_ the one farthest from 0 as 1 or -1. Colours are the stronger the farther a
/// value is from 0. A map without such a value draws no colour. Throws Error if the map's size is
/// not as said, or the peak lies outside. With a `part` the view is that part, and so is the
/// picture, its largest value still the whole map's.
Image overlay(const Image& view, std::span<const float> map, int64_t map_height, int64_t map_width,
              int64_t peak_y, int64_t peak_x, const PixelSize& size, const ViewPart& part = {},
              Colours colours = Colours::jet);

}  // namespace hdecomp
