/// The jet colour map: dark blue for 0, through cyan, yellow and red, to dark red for 1.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace hdecomp {

/// Red, green, blue; values outside [0, 1] count as the nearer end.
inline std::array<uint8_t, 3> jet(float value) {
  const float v = std::clamp(value, 0.0f, 1.0f);
  // Each channel is a trapezium: up, flat at 1 and down again, around its own centre.
  const auto channel = [v](float centre) {
    const float height = std::clamp(1.5f - 4.0f * std::abs(v - centre), 0.0f, 1.0f);
    return static_cast<uint8_t>(std::lround(height * 255.0f));
  };
  return {channel(0.75f), channel(0.5f), channel(0.25f)};
}

}  // namespace hdecomp
