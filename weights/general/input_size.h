/// The size of the image that a described network is read for.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/pixel_size.h"

namespace hdecomp::general {

/// What the user asks for, else the file's own; 0: not said. A side that both leave open is as the
/// other, or of 224 pixels, and `said` gets a line. Throws UserError that begins with `what` for a
/// size that no image has.
PixelSize input_size(const PixelSize& asked, const PixelSize& of_file, const std::string& what,
                     std::vector<std::string>& said);

}  // namespace hdecomp::general
