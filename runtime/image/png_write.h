/// Writing PNG files.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hdecomp/image.h"

namespace hdecomp {

/// The image as a PNG file of 8 bits a sample. Throws std::bad_alloc if there is no memory for it.
/// The image must have a pixel, at most 65,535 to a side and 2^28 pixels, and 3 bytes for each.
std::vector<uint8_t> png_of_8_bits(const Image& image);

/// A PNG file in colour of `bits` a sample, 8 or 16, from its rows, each behind its filter's
/// number; they are 2^31 bytes at most.
std::vector<uint8_t> png_of_rows(int64_t height, int64_t width, uint8_t bits,
                                 std::span<const uint8_t> rows);

}  // namespace hdecomp
