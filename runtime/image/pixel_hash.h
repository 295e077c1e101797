/// A number that a photograph's pixels alone decide.
#pragma once

#include "hdecomp/image.h"

namespace hdecomp {

/// FNV-1a over the pixels: draws by it are the same wherever and beside whatever an image is.
inline uint64_t pixel_hash(const Image& photo) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const uint8_t byte : photo.rgb) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

}  // namespace hdecomp
