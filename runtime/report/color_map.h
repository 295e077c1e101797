/// Heat maps over a photograph: each value in [0, 1] becomes a colour, mixed into its pixel.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "hdecomp/drawing.h"

namespace hdecomp {

/// Red, green, blue of the jet colour map: dark blue for 0, through cyan, yellow and red, to dark
/// red for 1; values outside [0, 1] count as the nearer end.
std::array<uint8_t, 3> jet(float value);

/// Of jet the colour's share of a pixel at value 0 and at value 1; linear between.
constexpr float faintest_colour = 0.25f, strongest_colour = 0.70f;

/// The colour at a place of a map, 0 to 1 from its first to its last.
std::array<uint8_t, 3> colour_at(Colours colours, float place);

/// Mixes the colour of each value into its pixel, rounded to 8 bits. `map` (height, width) is
/// as fine as the picture; values outside [0, 1] (of the signed one [-1, 1]) count as the nearer
/// end, NaN as 0. `rgb` (height, width, 3). Throws Error if it is of another size.
void color_map(std::span<const float> map, std::span<uint8_t> rgb, Colours colours = Colours::jet);

}  // namespace hdecomp
