/// A number that a photograph's pixels alone decide.
#pragma once

#include "hdecomp/image.h"
#include "weights/file/fnv1a.h"

namespace hdecomp {

/// Draws by it are the same wherever and beside whatever an image is.
inline uint64_t pixel_hash(const Image& photo) { return fnv1a(photo.rgb); }

}  // namespace hdecomp
