/// Saliency maps of one photograph as a file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

/// Whether maps in a file of this name are drawn (.png) or raw (.npy, .h5). Throws UserError for
/// another end, and for several maps in a .npy file.
bool is_picture_of_maps(const std::string& output, bool several);

/// One map as it is drawn alone, several side by side. Throws UserError without any.
Image draw_maps(std::span<const SaliencyMap> maps, const Image& photo, const Model& model,
                int64_t side);

/// Writes the maps by the end of the name, a picture with `side` pixels on the longer side. Throws
/// what the two above throw, and UserError if it cannot be written.
void write_maps_of(std::span<const SaliencyMap> maps, const Image& photo, const Model& model,
                   int64_t side, const std::string& output);

}  // namespace hdecomp::tools
