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
uint8_t rounded(float value) {
  const auto whole = static_cast<int32_t>(value);
  const float rest = value - static_cast<float>(whole);
  return static_cast<uint8_t>(whole + static_cast<int32_t>(2 * rest));
}

/// Rounded once.
float mixed(float a, float b, float share) { return std::fma(b - a, share, a); }

/// At least 0 and at most 1, NaN as 0, as a vector instruction does it.
float unit(float value) {
  const float least = value > 0 ? value : 0;
  return least < 1 ? least : 1;
}

/// How much of red, green or blue, for v in [0, 1], in unit(): a trapezium, up, flat at 1 and down
/// again, around its own centre.
float jet_height(float v, size_t c) {
  constexpr float centres[] = {0.75f, 0.5f, 0.25f};
  return 1.5f - 4.0f * std::abs(v - centres[c]);
}
uint8_t jet_byte(float unit_height) { return rounded(unit_height * 255.0f); }

}  // namespace

std::array<uint8_t, 3> jet(float value) {
  std::array<uint8_t, 3> bytes;
  for (size_t c = 0; c < 3; ++c) bytes[c] = jet_byte(unit(jet_height(unit(value), c)));
  return bytes;
}

namespace {

constexpr size_t bytes_of_pixel = 3;

/// Some pixels of a picture, by channels: loops over them become vector instructions.
struct Run {
  static constexpr size_t most = 64;

  std::array<float, most> values, shares, heights;
  std::array<uint8_t, most> bytes;
};

/// What 0, which most of a map is, makes of every byte.
class MixedZeros {
 public:
  MixedZeros() {
    for (size_t byte = 0; byte < 256; ++byte) {
      for (size_t c = 0; c < bytes_of_pixel; ++c) {
        bytes_[c][byte] = rounded(mixed(static_cast<float>(byte), jet(0)[c], faintest_colour));
      }
    }
  }
  void mix_in(std::span<uint8_t> rgb) const {
    for (size_t i = 0; i < rgb.size(); i += bytes_of_pixel) {
      for (size_t c = 0; c < bytes_of_pixel; ++c) rgb[i + c] = bytes_[c][rgb[i + c]];
    }
  }

 private:
  std::array<std::array<uint8_t, 256>, bytes_of_pixel> bytes_;
};

void mix_jet(std::span<const float> map, std::span<uint8_t> rgb) {
  static const MixedZeros zeros;
  Run run;
  for (size_t count = 0; !map.empty();
       map = map.subspan(count), rgb = rgb.subspan(count * bytes_of_pixel)) {
    count = std::min(map.size(), Run::most);
    if (std::ranges::none_of(map.first(count), [](float v) { return v > 0; })) {
      zeros.mix_in(rgb.first(count * bytes_of_pixel));
      continue;
    }
    for (size_t i = 0; i < count; ++i) {
      run.values[i] = unit(map[i]);
      run.shares[i] = mixed(faintest_colour, strongest_colour, run.values[i]);
    }
    for (size_t c = 0; c < bytes_of_pixel; ++c) {
      for (size_t i = 0; i < count; ++i) run.bytes[i] = rgb[i * bytes_of_pixel + c];
      for (size_t i = 0; i < count; ++i) run.heights[i] = jet_height(run.values[i], c);
      for (size_t i = 0; i < count; ++i) run.heights[i] = unit(run.heights[i]);
      for (size_t i = 0; i < count; ++i) {
        const uint8_t colour = jet_byte(run.heights[i]);
        run.bytes[i] = rounded(mixed(run.bytes[i], colour, run.shares[i]));
      }
      for (size_t i = 0; i < count; ++i) rgb[i * bytes_of_pixel + c] = run.bytes[i];
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
