/// The first picture of a TIFF file: libtiff undoes the compression of strips and tiles, the
/// samples become RGB here (libtiff's own way to RGB multiplies by alpha).
#include <algorithm>
#include <cstring>

#include "runtime/image/library_formats.h"
#include "runtime/image/tiff_pieces.h"

namespace hdecomp {
namespace {

/// The first four samples of every pixel, 8 bits each: `planes` has 4 bytes a pixel.
void keep(const TiffPiece& piece, const TiffLayout& layout, const std::vector<uint8_t>& bytes,
          std::vector<uint8_t>& planes) {
  const int64_t kept = std::min<int64_t>(piece.samples, 4 - piece.first_sample);
  for (int64_t y = 0; y < piece.height; ++y) {
    for (int64_t x = 0; x < piece.width; ++x) {
      const uint8_t* from =
          bytes.data() + y * piece.row_bytes + x * piece.samples * layout.sample_bytes();
      uint8_t* to = planes.data() + ((piece.top + y) * layout.size.width + piece.left + x) * 4 +
                    piece.first_sample;
      for (int64_t i = 0; i < kept; ++i, from += layout.sample_bytes()) {
        uint16_t wide = 0;  // in the machine's order of bytes
        if (layout.bits == 16) std::memcpy(&wide, from, sizeof wide);
        to[i] = layout.bits == 16 ? static_cast<uint8_t>(wide >> 8) : *from;
      }
    }
  }
}

/// A pixel's samples as R, G and B.
void to_rgb(const TiffLayout& layout, const uint8_t* samples, uint8_t* rgb) {
  for (int i = 0; i < 3; ++i) {
    if (layout.kind == PHOTOMETRIC_PALETTE) {
      rgb[i] = static_cast<uint8_t>(layout.palette[i][samples[0]] >> 8);
    } else if (!layout.is_rgb()) {
      rgb[i] = layout.kind == PHOTOMETRIC_MINISWHITE ? static_cast<uint8_t>(255 - samples[0])
                                                     : samples[0];
    } else if (layout.premultiplied) {
      const int alpha = samples[3];
      rgb[i] = alpha == 0 ? 0 : static_cast<uint8_t>(std::min(samples[i] * 255 / alpha, 255));
    } else {
      rgb[i] = samples[i];
    }
  }
}

}  // namespace

Image decode_tiff(const ImageFile& file) {
  TiffSource source{file.bytes()};
  const Tiff tiff = open_tiff(source, file);
  const TiffLayout layout = read_tiff_layout(tiff.get(), file);
  TiffPieces reader(tiff.get(), layout, file);
  const auto pixels = static_cast<size_t>(layout.size.height * layout.size.width);
  std::vector<uint8_t> planes(pixels * 4);
  reader.read_all([&](const TiffPiece& piece, const std::vector<uint8_t>& bytes) {
    keep(piece, layout, bytes, planes);
  });
  Image image{layout.size.height, layout.size.width,
              std::vector<uint8_t>(pixels * Image::channels)};
  for (size_t i = 0; i < pixels; ++i) {
    to_rgb(layout, planes.data() + i * 4, image.rgb.data() + i * Image::channels);
  }
  return image;
}

GreyPicture decode_tiff_samples(const ImageFile& file) {
  TiffSource source{file.bytes()};
  const Tiff tiff = open_tiff(source, file);
  const TiffLayout layout = read_tiff_layout(tiff.get(), file);
  const bool is_plain = layout.kind == PHOTOMETRIC_MINISBLACK || layout.kind == PHOTOMETRIC_PALETTE;
  if (!is_plain || layout.samples != 1) {
    file.fail("a label TIFF with colours; one with a palette, or grey (0 is black), is needed");
  }
  TiffPieces reader(tiff.get(), layout, file);
  GreyPicture picture{layout.size.height, layout.size.width, {}};
  picture.samples.resize(static_cast<size_t>(picture.height * picture.width));
  reader.read_all([&](const TiffPiece& piece, const std::vector<uint8_t>& bytes) {
    for (int64_t y = 0; y < piece.height; ++y) {
      const uint8_t* from = bytes.data() + y * piece.row_bytes;
      uint16_t* to = picture.samples.data() + (piece.top + y) * picture.width + piece.left;
      if (layout.bits == 16) {
        std::memcpy(to, from, static_cast<size_t>(piece.width) * sizeof *to);
      } else {
        std::copy_n(from, piece.width, to);
      }
    }
  });
  return picture;
}

}  // namespace hdecomp
