/// The characters of Canvas::text.
#pragma once

#include <string_view>

namespace hdecomp {

/// The strokes of a character: points "xy" of a grid 4 wide and 8 high (capitals end at 6), strokes
/// apart by spaces.
std::string_view strokes_of(char letter);

}  // namespace hdecomp
