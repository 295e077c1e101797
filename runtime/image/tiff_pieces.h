/// The strips or tiles of a TIFF file, whose compression libtiff undoes.
#pragma once

#include <algorithm>
#include <vector>

#include "runtime/image/tiff_file.h"

namespace hdecomp {

/// A strip or tile: where it lies in the picture, and how long its rows are.
struct TiffPiece {
  int64_t top, left, height, width;  // within the picture
  int64_t row_bytes;
  int64_t first_sample, samples;  // of a pixel
};

/// All strips or tiles, plane by plane.
class TiffPieces {
 public:
  TiffPieces(TIFF* tiff, const TiffLayout& layout, const ImageFile& file)
      : tiff_(tiff), layout_(layout), file_(file), is_tiled_(TIFFIsTiled(tiff) != 0) {
    uint32_t height = 0, width = 0;
    if (is_tiled_) {
      TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
      TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
    } else {
      TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &height);
      height = std::min(height, static_cast<uint32_t>(layout.size.height));
      width = static_cast<uint32_t>(layout.size.width);
    }
    samples_ = layout.separate ? 1 : layout.samples;
    height_ = height;
    width_ = width;
    file.check({height_, width_});
    const int64_t size = height_ * width_ * samples_ * layout.sample_bytes();
    if ((is_tiled_ ? TIFFTileSize(tiff) : TIFFStripSize(tiff)) != size) {
      file.fail("corrupt TIFF: its strips or tiles have another size than its samples");
    }
    bytes_.resize(static_cast<size_t>(size));
  }

  /// `keep` takes each piece and its bytes.
  template <class Keep>
  void read_all(const Keep& keep) {
    const int64_t planes_kept = layout_.separate ? std::min<int64_t>(layout_.samples, 4) : 1;
    for (int64_t plane = 0; plane < planes_kept; ++plane) {
      for (int64_t top = 0; top < layout_.size.height; top += height_) {
        for (int64_t left = 0; left < layout_.size.width; left += width_) {
          read(top, left, plane, keep);
        }
      }
    }
  }

 private:
  template <class Keep>
  void read(int64_t top, int64_t left, int64_t plane, const Keep& keep) {
    const TiffPiece piece{top,
                          left,
                          std::min(height_, layout_.size.height - top),
                          std::min(width_, layout_.size.width - left),
                          width_ * samples_ * layout_.sample_bytes(),
                          plane,
                          samples_};
    const auto y = static_cast<uint32_t>(top), x = static_cast<uint32_t>(left);
    const auto sample = static_cast<uint16_t>(plane);
    const int64_t needed = (is_tiled_ ? height_ : piece.height) * piece.row_bytes;
    const int64_t got = is_tiled_
                            ? TIFFReadEncodedTile(tiff_, TIFFComputeTile(tiff_, x, y, 0, sample),
                                                  bytes_.data(), needed)
                            : TIFFReadEncodedStrip(tiff_, TIFFComputeStrip(tiff_, y, sample),
                                                   bytes_.data(), needed);
    if (got != needed) file_.fail("corrupt or truncated TIFF: the picture can't be decoded");
    keep(piece, bytes_);
  }

  TIFF* tiff_;
  const TiffLayout& layout_;
  const ImageFile& file_;
  bool is_tiled_;
  int64_t height_ = 0, width_ = 0, samples_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace hdecomp
