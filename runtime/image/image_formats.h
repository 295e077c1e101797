/// What is checked of each image format before the decoder sees the bytes. stb_image trusts its
/// input too much: it reads tables that were never given, and fills a truncated picture up with
/// grey or black.
#pragma once

#include <cstdint>
#include <vector>

#include "hdecomp/image.h"
#include "runtime/image/image_file.h"

namespace hdecomp {

/// Whether the file begins as the format does. TGA has no magic number: its whole header must make
/// sense.
bool is_jpeg(const ImageFile& file);
bool is_png(const ImageFile& file);
bool is_bmp(const ImageFile& file);
bool is_tga(const ImageFile& file);
bool is_pnm(const ImageFile& file);

/// Walks the file's structure up to its end and returns the size by its header. Throws UserError if
/// the picture is truncated, too large, of a kind that can't be read, or uses a table that is not
/// there.
PixelSize check_jpeg(const ImageFile& file);
PixelSize check_png(const ImageFile& file);
PixelSize check_bmp(const ImageFile& file);
PixelSize check_tga(const ImageFile& file);

/// What a PNG's picture is before its filters are undone: rows of samples, a byte ahead of each.
size_t inflated_png_bytes(const ImageFile& file, PixelSize size);

/// A copy of the file in which every possible palette index has a colour (black where the file has
/// none); empty if the file needs no such thing. The file must have passed its check.
std::vector<uint8_t> with_full_palette_png(const ImageFile& file);
std::vector<uint8_t> with_full_palette_bmp(const ImageFile& file);

/// Decodes a binary PGM (P5) or PPM (P6) file.
Image decode_pnm(const ImageFile& file);

}  // namespace hdecomp
