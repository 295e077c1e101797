/// Image: an 8-bit RGB photograph in memory, decoded from a file or given by the program.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

struct HDECOMP_API Image {
  static constexpr int64_t channels = 3;  // red, green, blue

  int64_t height = 0, width = 0;  // pixels
  std::vector<uint8_t> rgb;       // (height, width, 3), interleaved, 0 to 255
  int orientation = 1;            // how its EXIF tag says the pixels lie, 1 to 8; 1: upright
  // (3, height, width), 0 to 1: what a network of that input size is to see in place of `rgb`,
  // where 8 bits are too few. Empty for photographs.
  std::vector<float> planes = {};
  // (3, height, width): a network's input itself, normalised, in place of both. Empty for
  // photographs; made by input_images() (hdecomp/tensor_image.h).
  std::vector<float> input = {};
  int turned_by = 1;  // the orientation that upright() turned it by: what else lies on it turns too

  /// Decodes a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or binary PNM file (the second three if the
  /// build found their libraries). Grey is repeated into three channels, alpha is dropped, 16-bit
  /// samples keep their upper byte, and the picture is not turned by its EXIF tag: upright() does
  /// that. Throws UserError that names the file if it is missing, empty, larger than 1 GiB, not an
  /// image, damaged, truncated, or by its header (checked before any pixel is decoded) has more
  /// than `max_pixels` or 2^28 pixels, or more than 65,535 to a side.
  static Image load(const std::string& path, int64_t max_pixels = int64_t{100} * 1000 * 1000);
  /// The same for bytes in memory; `name` stands for the file in errors.
  static Image decode(std::span<const uint8_t> bytes, const std::string& name,
                      int64_t max_pixels = int64_t{100} * 1000 * 1000);
};

/// The image as it is meant to be seen: turned and mirrored by its `orientation`, which is 1 then;
/// `turned_by` says what it was.
HDECOMP_API Image upright(Image image);

/// Writes values from 0 to 1, (3, height, width), as a PNG file of 16 bits a sample; what is beyond
/// them becomes the nearer of the two. Throws UserError as save_png does, and for a value that is
/// no number or more than 2^27 pixels.
HDECOMP_API void save_png_of_16_bits(std::span<const float> planes, int64_t height, int64_t width,
                                     const std::string& path);

/// Encodes an image as PNG. Throws UserError that names the file if it can't be written, or if the
/// image is empty or not as large as it says; the file appears whole (a temporary file, renamed) or
/// not at all.
HDECOMP_API void save_png(const Image& image, const std::string& path);

/// The image as the bytes of a PNG file. Throws UserError as save_png does.
HDECOMP_API std::vector<uint8_t> encode_png(const Image& image);
/// The image as the bytes of a JPEG file; `quality` 1 to 100. Throws UserError as save_png does.
HDECOMP_API std::vector<uint8_t> encode_jpeg(const Image& image, int quality = 90);

}  // namespace hdecomp
