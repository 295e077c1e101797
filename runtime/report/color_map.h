/// Heat maps over a photograph: each value in [0, 1] becomes a jet colour, mixed into its pixel.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hdecomp {

/// Red, green, blue of the jet colour map: dark blue for 0, through cyan, yellow and red, to dark
/// red for 1; values outside [0, 1] count as the nearer end.
std::array<uint8_t, 3> jet(float value);

/// The colour's share of a pixel at value 0 and at value 1; linear between.
constexpr float faintest_colour = 0.25f, strongest_colour = 0.70f;

/// Mixes the jet colour of each value into its pixel, rounded to 8 bits. `map` (height, width) is
/// as fine as the picture; values outside [0, 1] count as the nearer end, NaN as 0. `rgb` (height,
/// width, 3). Throws Error if it is of another size.
void color_map(std::span<const float> map, std::span<uint8_t> rgb);

}  // namespace hdecomp
