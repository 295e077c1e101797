/// Crops: from the smallest picture of the photograph that still has the pixels.
#include "runtime/patches/patch_crops.h"

#include <algorithm>

#include "runtime/image/preprocess.h"

namespace hdecomp {

PatchCrops::PatchCrops(const Image& photo, const Preprocess& rule, int side) : side_(side) {
  views_.push_back(network_view(photo, rule));
  while (std::min(views_.back().height, views_.back().width) >= 2 * side) {
    const Image& last = views_.back();
    views_.push_back(resize_bilinear(last, last.height / 2, last.width / 2));
  }
}

Image PatchCrops::cut(const PixelRectangle& field) const {
  const int64_t longer = std::max(field.height, field.width);
  size_t level = 0;
  while (level + 1 < views_.size() && longer >> (level + 1) >= side_) ++level;
  const Image& view = views_[level];
  const auto sampling = [&](int64_t begin, int64_t size, int64_t whole, int64_t pixels) {
    // Of halves, whose last odd row is gone: the same place in another measure.
    const double scale = static_cast<double>(pixels) / static_cast<double>(whole);
    const int64_t count = std::max<int64_t>(1, (side_ * size + longer / 2) / longer);
    const double step = static_cast<double>(size) * scale / static_cast<double>(count);
    return Sampling{static_cast<double>(begin) * scale, step, 0, count};
  };
  return resample(view, sampling(field.y, field.height, views_.front().height, view.height),
                  sampling(field.x, field.width, views_.front().width, view.width));
}

}  // namespace hdecomp
