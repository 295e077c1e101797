/// The colours of maps and their mixing.
#include "runtime/report/color_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

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

void mix_jet(std::span<const float> map, std::span<uint8_t> rgb) {
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

/// Colours between stops that are evenly apart.
struct ColourTable {
  static constexpr size_t steps = 256;

  ColourTable(float least, float most, std::string_view stops) : faintest(least), strongest(most) {
    std::vector<std::array<float, bytes_of_pixel>> at;
    for (; !stops.empty(); stops.remove_prefix(std::min<size_t>(8, stops.size()))) {
      auto& stop = at.emplace_back();
      for (size_t c = 0; c < bytes_of_pixel; ++c) {
        int value = 0;
        std::from_chars(stops.data() + 1 + 2 * c, stops.data() + 3 + 2 * c, value, 16);
        stop[c] = static_cast<float>(value);
      }
    }
    for (size_t i = 0; i < steps; ++i) {
      const float place = static_cast<float>(i) / (steps - 1) * static_cast<float>(at.size() - 1);
      const size_t low = std::min(static_cast<size_t>(place), at.size() - 2);
      for (size_t c = 0; c < bytes_of_pixel; ++c) {
        colours[i][c] = rounded(mixed(at[low][c], at[low + 1][c], place - static_cast<float>(low)));
      }
    }
  }

  float faintest, strongest;
  std::array<std::array<uint8_t, bytes_of_pixel>, steps> colours;
};

const ColourTable& table_of(Colours colours) {
#define COLOUR_MAP(name, least, most, stops) ColourTable(least, most, stops),
  static const ColourTable tables[] = {
#include "runtime/report/colour_maps.inc"
  };
#undef COLOUR_MAP
  static_assert(std::size(tables) + 1 == std::size(colour_names));
  return tables[static_cast<size_t>(colours) - 1];  // jet, the first, is none
}

void mix_table(std::span<const float> map, std::span<uint8_t> rgb, Colours colours) {
  const ColourTable& table = table_of(colours);
  const bool is_signed = colours == Colours::signed_;
  for (size_t i = 0; i < map.size(); ++i) {
    const float least = is_signed ? -1.0f : 0.0f;
    const float v = map[i] >= least ? std::min(map[i], 1.0f) : map[i] < least ? least : 0.0f;
    const auto& colour =
        table.colours[static_cast<size_t>(std::lround(255 * (is_signed ? (v + 1) / 2 : v)))];
    const float share = mixed(table.faintest, table.strongest, std::abs(v));
    for (size_t c = 0; c < bytes_of_pixel; ++c) {
      uint8_t& byte = rgb[i * bytes_of_pixel + c];
      byte = rounded(mixed(byte, colour[c], share));
    }
  }
}

}  // namespace

std::array<uint8_t, 3> colour_at(Colours colours, float place) {
  const float v = std::clamp(place, 0.0f, 1.0f);
  if (colours == Colours::jet) return jet(v);
  return table_of(colours).colours[static_cast<size_t>(std::lround(255 * v))];
}

void color_map(std::span<const float> map, std::span<uint8_t> rgb, Colours colours) {
  if (rgb.size() != map.size() * bytes_of_pixel) {
    throw Error(joined("color_map: ", map.size(), " values for ", rgb.size(), " bytes"));
  }
  colours == Colours::jet ? mix_jet(map, rgb) : mix_table(map, rgb, colours);
}

}  // namespace hdecomp
