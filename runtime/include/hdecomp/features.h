/// A layer's features F on one image, for programs to read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hdecomp {

struct LayerFeatures {
  std::string layer;  // as `hdecomp layers` names it
  int64_t channels = 0, height = 0, width = 0;
  std::vector<float> values;  // (channels, height, width), after the layer's activation

  /// One channel's map, (height, width); `k` must be one of the layer's channels.
  std::span<const float> channel(int64_t k) const {
    return std::span(values).subspan(static_cast<size_t>(k * height * width),
                                     static_cast<size_t>(height * width));
  }
};

}  // namespace hdecomp
