/// Crops: from the smallest picture of the photograph that still has the pixels.
#include "runtime/patches/patch_crops.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/image/preprocess.h"

namespace hdecomp {
namespace {

/// [begin, begin + size) of the input as pixels of a side of the photograph.
std::pair<int64_t, int64_t> along(const Sampling& seen, int64_t begin, int64_t size,
                                  int64_t pixels) {
  constexpr double rounding = 1e-6;  // of a pixel: an edge on a pixel's own is no touch
  const auto edge = [&](int64_t at) {
    return seen.start + static_cast<double>(seen.first + at) * seen.step;
  };
  const auto from = static_cast<int64_t>(std::floor(edge(begin) + rounding));
  const auto to = static_cast<int64_t>(std::ceil(edge(begin + size) - rounding));
  const int64_t first = std::clamp<int64_t>(from, 0, pixels - 1);
  return {first, std::clamp<int64_t>(to, first + 1, pixels) - first};
}

}  // namespace

PixelRectangle box_in_photo(const Image& photo, const Preprocess& rule,
                            const PixelRectangle& field) {
  const NetworkSamples seen = network_samples(photo, rule);
  const auto [y, height] = along(seen.rows, field.y, field.height, photo.height);
  const auto [x, width] = along(seen.columns, field.x, field.width, photo.width);
  return {y, x, height, width};
}

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
