/// The functions used of stb_image and stb_image_write.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hdecomp/image.h"

namespace hdecomp {

/// Decodes a JPEG, PNG, BMP or TGA file of at most 2 GiB to RGB; nothing if it can't. The file must
/// have passed its format's check (runtime/image/image_formats.h). A PNG may inflate to twice
/// `picture_bytes`, or twice the file's, no more: the first guess is `picture_bytes` or above, an
/// interlaced picture needs a little more, and buffers are doubled.
std::optional<Image> decode_with_stb(std::span<const uint8_t> file, size_t picture_bytes);

/// The image as a JPEG file; `quality` 1 to 100. Throws std::bad_alloc if there is no memory for
/// it. The image must have a pixel, at most 65,535 to a side and 2^28 pixels, and 3 bytes for each.
std::vector<uint8_t> encode_jpeg_with_stb(const Image& image, int quality);

}  // namespace hdecomp
