/// Receptive fields cut out of a photograph.
#pragma once

#include "hdecomp/image.h"
#include "hdecomp/model.h"

namespace hdecomp {

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
