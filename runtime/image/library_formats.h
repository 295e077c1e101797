/// The image formats that outside libraries decode: WebP, GIF and TIFF. A build without one of the
/// libraries refuses its format and names it.
#pragma once

#include <cstdint>
#include <vector>

#include "hdecomp/image.h"
#include "runtime/image/image_file.h"

namespace hdecomp {

bool is_webp(const ImageFile& file);
bool is_gif(const ImageFile& file);
bool is_tiff(const ImageFile& file);

/// Decodes to RGB as PIL's convert("RGB") does: alpha is left out, what a transparent pixel hides
/// is shown. The size by the header is checked before there is memory for it. Throws UserError if
/// the file is damaged or of a kind that can't be read.
Image decode_webp(const ImageFile& file);  // a still picture
Image decode_gif(const ImageFile& file);   // the first frame
Image decode_tiff(const ImageFile& file);  // the first picture; 16-bit samples by their upper byte

/// The samples of a picture that are no colours.
struct GreyPicture {
  int64_t height = 0, width = 0;
  std::vector<uint16_t> samples;  // (height, width)
};
/// The first picture's grey values of 8 or 16 bits, or a palette's indexes, as they are stored.
/// Throws UserError as decode_tiff() does, and for other kinds of pictures.
GreyPicture decode_tiff_samples(const ImageFile& file);

}  // namespace hdecomp
