/// Pixels by channel, (3, h, w) from 0 to 1, and as an image has them, 8 bits interleaved.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hdecomp {

/// Whether every value is from 0 to 1.
bool are_pixels(std::span<const float> planes);

std::vector<float> planes_of_rgb(std::span<const uint8_t> rgb);

/// To the nearest of 8 bits.
std::vector<uint8_t> rgb_of_planes(std::span<const float> planes);

}  // namespace hdecomp
