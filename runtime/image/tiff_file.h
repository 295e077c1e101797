/// A TIFF file in memory, opened by libtiff, and what its first directory says of the picture.
#pragma once

#include <tiffio.h>

#include <memory>
#include <span>

#include "hdecomp/pixel_size.h"
#include "runtime/image/image_file.h"

namespace hdecomp {

/// What libtiff reads from.
struct TiffSource {
  std::span<const uint8_t> bytes;
  uint64_t at = 0;
};

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using Tiff = std::unique_ptr<TIFF, CloseTiff>;

/// Reads from `source`, which must outlive it. Throws UserError if the directory can't be read.
Tiff open_tiff(TiffSource& source, const ImageFile& file);

/// What the directory says of the picture.
struct TiffLayout {
  PixelSize size;
  uint16_t bits, samples, kind, compression;
  bool separate;       // a plane for each sample
  bool premultiplied;  // the sample after R, G and B is alpha, which they were multiplied by
  const uint16_t* palette[3] = {nullptr, nullptr, nullptr};

  bool is_rgb() const { return kind == PHOTOMETRIC_RGB; }
  int64_t sample_bytes() const { return bits / 8; }
};

/// Throws UserError for a picture of a kind that can't be read.
TiffLayout read_tiff_layout(TIFF* tiff, const ImageFile& file);

}  // namespace hdecomp
