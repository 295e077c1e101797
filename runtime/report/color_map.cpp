/// The jet colours and their mixing.
#include "runtime/report/color_map.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// Rounded once.
float mixed(float a, float b, float share) { return std::fma(b - a, share, a); }

}  // namespace

std::array<uint8_t, 3> jet(float value) {
  const float v = std::clamp(value, 0.0f, 1.0f);
  // Each channel is a trapezium: up, flat at 1 and down again, around its own centre.
  const auto channel = [v](float centre) {
    const float height = std::clamp(1.5f - 4.0f * std::abs(v - centre), 0.0f, 1.0f);
    return static_cast<uint8_t>(std::lround(height * 255.0f));
  };
  return {channel(0.75f), channel(0.5f), channel(0.25f)};
}

void color_map(std::span<const float> map, std::span<uint8_t> rgb) {
  constexpr size_t channels = 3;
  if (rgb.size() != map.size() * channels) {
    throw Error(joined("color_map: ", map.size(), " values for ", rgb.size(), " bytes"));
  }
  for (size_t i = 0; i < map.size(); ++i) {
    const float value = map[i] > 0 ? std::min(map[i], 1.0f) : 0.0f;  // NaN: 0
    const std::array<uint8_t, channels> colour = jet(value);
    const float share = mixed(faintest_colour, strongest_colour, value);
    for (size_t c = 0; c < channels; ++c) {
      uint8_t& byte = rgb[i * channels + c];
      byte = static_cast<uint8_t>(std::lround(mixed(byte, colour[c], share)));
    }
  }
}

}  // namespace hdecomp
