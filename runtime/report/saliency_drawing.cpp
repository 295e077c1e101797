/// Saliency maps as pictures.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/saliency.h"
#include "runtime/image/preprocess.h"
#include "runtime/report/canvas.h"
#include "runtime/report/heat_map.h"

namespace hdecomp {
namespace {

constexpr double shown_share = 0.99;  // of what is not zero lies within the colours' range
constexpr Colour blue{5, 48, 130}, red{150, 12, 20}, caption_ink{31, 33, 38};

/// White at 0, one of the two at either end of the range.
Colour diverging(float value, float range) {
  const float share = range > 0 ? std::clamp(value / range, -1.0f, 1.0f) : 0.0f;
  const Colour& end = share < 0 ? blue : red;
  Colour colour;
  for (size_t c = 0; c < colour.size(); ++c) {
    const float pale = 255.0f - std::abs(share) * static_cast<float>(255 - end[c]);
    colour[c] = static_cast<uint8_t>(std::lround(pale));
  }
  return colour;
}

/// The magnitude of the full colours. Zeros do not count: a few hundred pixels carry the leaves of
/// a tree.
float colour_range(const std::vector<float>& values) {
  std::vector<float> magnitudes;
  for (const float value : values) {
    if (std::isfinite(value) && value != 0) magnitudes.push_back(std::abs(value));
  }
  if (magnitudes.empty()) return 0;
  const auto at = static_cast<long>(shown_share * static_cast<double>(magnitudes.size() - 1));
  std::ranges::nth_element(magnitudes, magnitudes.begin() + at);
  return magnitudes[static_cast<size_t>(at)];
}

Image draw_pixels(const SaliencyMap& map, const PixelSize& size) {
  const std::vector<float> sums = map.signed_sum();
  const float range = colour_range(sums);
  Image image{map.height, map.width, {}};
  for (const float value : sums) {
    const Colour colour = diverging(std::isfinite(value) ? value : 0, range);
    image.rgb.insert(image.rgb.end(), colour.begin(), colour.end());
  }
  return resize_bilinear(image, size.height, size.width);
}

}  // namespace

Image draw_saliency(const SaliencyMap& map, const Image& photo, const Model& model, int64_t side) {
  const auto values = static_cast<int64_t>(map.values.size());
  if (map.height < 1 || map.width < 1 || values != map.channels * map.height * map.width) {
    throw Error(joined("draw_saliency: ", values, " values, said to be ", map.channels, " x ",
                       map.height, " x ", map.width));
  }
  const PixelSize size = drawn_size(model.preprocess(), side);
  if (map.layer == "input") return draw_pixels(map, size);
  const auto peak = std::ranges::max_element(map.values) - map.values.begin();
  return overlay(crop_of_photo(photo, model.preprocess(), side), map.values, map.height, map.width,
                 peak / map.width, peak % map.width, size);
}

Image draw_saliencies(std::span<const SaliencyMap> maps, const Image& photo, const Model& model,
                      int64_t side) {
  constexpr int64_t margin = 12, caption = 26;
  const auto pictures = static_cast<int64_t>(maps.size()) + 1;
  const PixelSize size = drawn_size(model.preprocess(), side);
  PixelCanvas canvas(size.height + 2 * margin + caption, pictures * (size.width + margin) + margin);
  const auto put = [&](int64_t place, const Image& picture, const std::string& name) {
    const int64_t x = margin + place * (size.width + margin);
    canvas.paste(picture, margin, x);
    const Point middle{static_cast<double>(x) + static_cast<double>(size.width) / 2,
                       static_cast<double>(size.height) + 2.0 * margin + 10};
    canvas.text(name, middle, 10, caption_ink);
  };
  put(0, crop_of_photo(photo, model.preprocess(), side), "photograph");
  for (size_t i = 0; i < maps.size(); ++i) {
    put(static_cast<int64_t>(i) + 1, draw_saliency(maps[i], photo, model, side),
        to_string(maps[i].method));
  }
  return canvas.image();
}

}  // namespace hdecomp
