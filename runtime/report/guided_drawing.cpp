/// Guided backpropagation as a picture.
#include <algorithm>
#include <cmath>

#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {
namespace {

constexpr int64_t least_side = 112;  // pixels of a picture's larger side

/// 0 to mid grey, -largest to 0, largest to 255; what is not finite counts as 0.
uint8_t level_of(float value, float largest) {
  const float share = std::isfinite(value) && largest > 0 ? value / largest : 0.0f;
  return static_cast<uint8_t>(std::lround(127.5f + 127.5f * share));
}

/// One pixel per pixel of the network's input.
Image grey_centred(const GuidedCrop& crop) {
  const int64_t area = crop.height * crop.width;
  float largest = 0;
  for (const float value : crop.gradient) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  Image image{crop.height, crop.width, std::vector<uint8_t>(crop.gradient.size())};
  for (int64_t i = 0; i < area; ++i) {
    for (int64_t c = 0; c < Image::channels; ++c) {
      image.rgb[i * Image::channels + c] = level_of(crop.gradient[c * area + i], largest);
    }
  }
  return image;
}

}  // namespace

Image draw_guided(const TreeNode& node) {
  if (!node.guided) throw Error("draw_guided: the node has no guided backpropagation (guided)");
  const GuidedCrop& crop = *node.guided;
  const auto values = static_cast<int64_t>(crop.gradient.size());
  if (crop.height < 1 || crop.width < 1 || values != Image::channels * crop.height * crop.width) {
    throw Error(joined("draw_guided: ", values, " values, said to be 3 x ", crop.height, " x ",
                       crop.width));
  }
  const int64_t side = std::max(crop.height, crop.width);
  const int64_t factor = (least_side + side - 1) / side;
  return resize_bilinear(grey_centred(crop), crop.height * factor, crop.width * factor);
}

}  // namespace hdecomp
