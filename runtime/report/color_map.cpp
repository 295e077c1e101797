/// The jet colours and their mixing.
#include "runtime/report/color_map.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// To the nearest, of halves up; as lround does for these, which are not negative.
uint8_t rounded(float value) { return static_cast<uint8_t>(static_cast<double>(value) + 0.5); }

/// Rounded once.
float mixed(float a, float b, float share) { return std::fma(b - a, share, a); }

}  // namespace

std::array<uint8_t, 3> jet(float value) {
  const float v = std::clamp(value, 0.0f, 1.0f);
  // Each channel is a trapezium: up, flat at 1 and down again, around its own centre.
  const auto channel = [v](float centre) {
    const float height = std::clamp(1.5f - 4.0f * std::abs(v - centre), 0.0f, 1.0f);
    return rounded(height * 255.0f);
  };
  return {channel(0.75f), channel(0.5f), channel(0.25f)};
}

namespace {

constexpr size_t bytes_of_pixel = 3;

void mix_in(float value, std::span<uint8_t, bytes_of_pixel> pixel) {
  const std::array<uint8_t, bytes_of_pixel> colour = jet(value);
  const float share = mixed(faintest_colour, strongest_colour, value);
  for (size_t c = 0; c < bytes_of_pixel; ++c) pixel[c] = rounded(mixed(pixel[c], colour[c], share));
}

/// What 0, which most of a map is, makes of every byte.
class MixedZeros {
 public:
  MixedZeros() {
    for (size_t byte = 0; byte < bytes_.size(); ++byte) {
      bytes_[byte].fill(static_cast<uint8_t>(byte));
      hdecomp::mix_in(0, bytes_[byte]);
    }
  }
  void mix_in(std::span<uint8_t, bytes_of_pixel> pixel) const {
    for (size_t c = 0; c < bytes_of_pixel; ++c) pixel[c] = bytes_[pixel[c]][c];
  }

 private:
  std::array<std::array<uint8_t, bytes_of_pixel>, 256> bytes_;
};

}  // namespace

void color_map(std::span<const float> map, std::span<uint8_t> rgb) {
  if (rgb.size() != map.size() * bytes_of_pixel) {
    throw Error(joined("color_map: ", map.size(), " values for ", rgb.size(), " bytes"));
  }
  const MixedZeros zeros;
  for (size_t i = 0; i < map.size(); ++i) {
    const auto pixel = rgb.subspan(i * bytes_of_pixel).first<bytes_of_pixel>();
    if (map[i] > 0) {
      mix_in(std::min(map[i], 1.0f), pixel);
    } else {
      zeros.mix_in(pixel);  // NaN too
    }
  }
}

}  // namespace hdecomp
