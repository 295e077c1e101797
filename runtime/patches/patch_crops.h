/// Receptive fields cut out of a photograph.
#pragma once

#include "hdecomp/image.h"
#include "hdecomp/model.h"

namespace hdecomp {

/// The part of a photograph, in its pixels, that the network sees as `field` of its input: every
/// pixel that touches it.
PixelRectangle box_in_photo(const Image& photo, const Preprocess& rule,
                            const PixelRectangle& field);

/// One photograph as the network sees it, resampled once, and its halves, so that large fields cost
/// no more than small ones. Cutting from several threads at once is safe.
class PatchCrops {
 public:
  /// The longer side of a crop is `side` pixels.
  PatchCrops(const Image& photo, const Preprocess& rule, int side);

  Image cut(const PixelRectangle& field) const;

 private:
  int side_;
  std::vector<Image> views_;  // each half as large as the one before
};

}  // namespace hdecomp
