/// The first picture of a TIFF file: libtiff undoes the compression of strips and tiles, the
/// samples become RGB here (libtiff's own way to RGB multiplies by alpha).
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "hdecomp/error.h"
#include "runtime/image/library_formats.h"

namespace hdecomp {
namespace {

struct Source {
  std::span<const uint8_t> bytes;
  uint64_t at = 0;
};

tmsize_t read_some(thandle_t handle, void* to, tmsize_t count) {
  auto& source = *static_cast<Source*>(handle);
  const uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
  const uint64_t taken =
      std::min<uint64_t>(left, static_cast<uint64_t>(std::max<tmsize_t>(count, 0)));
  if (taken > 0) std::memcpy(to, source.bytes.data() + source.at, taken);
  source.at += taken;
  return static_cast<tmsize_t>(taken);
}
tmsize_t write_none(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<Source*>(handle);
  const uint64_t from = whence == SEEK_CUR   ? source.at
                        : whence == SEEK_END ? source.bytes.size()
                                             : 0;
  return source.at = from + offset;
}
int close_none(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<Source*>(handle)->bytes.size(); }
int silent(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using Tiff = std::unique_ptr<TIFF, CloseTiff>;

Tiff open_tiff(Source& source, const ImageFile& file) {
  const std::unique_ptr<TIFFOpenOptions, CloseTiff> options(TIFFOpenOptionsAlloc());
  if (!options) throw std::bad_alloc();
  constexpr size_t tables = size_t{64} << 20;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(tables + file.size()));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), silent, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), silent, nullptr);
  Tiff tiff(TIFFClientOpenExt("TIFF", "rm", &source, read_some, write_none, seek, close_none,
                              size_of, nullptr, nullptr, options.get()));
  if (!tiff) file.fail("corrupt or truncated TIFF: its directory can't be read");
  return tiff;
}

/// What the directory says of the picture.
struct Layout {
  PixelSize size;
  uint16_t bits, samples, kind, compression;
  bool separate;       // a plane for each sample
  bool premultiplied;  // the sample after R, G and B is alpha, which they were multiplied by
  const uint16_t* palette[3] = {nullptr, nullptr, nullptr};

  bool is_rgb() const { return kind == PHOTOMETRIC_RGB; }
  int64_t sample_bytes() const { return bits / 8; }
};

uint16_t tag(TIFF* tiff, uint32_t which) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, which, &value);
  return value;
}

bool is_known(uint16_t compression) {
  constexpr uint16_t known[] = {COMPRESSION_NONE,    COMPRESSION_LZW,
                                COMPRESSION_JPEG,    COMPRESSION_PACKBITS,
                                COMPRESSION_DEFLATE, COMPRESSION_ADOBE_DEFLATE};
  return std::ranges::find(known, compression) != std::end(known);
}

void check_kind(const Layout& layout, const ImageFile& file) {
  if (!is_known(layout.compression) || !TIFFIsCODECConfigured(layout.compression)) {
    file.fail(joined("a TIFF of compression ", layout.compression,
                     "; none, LZW, Deflate, PackBits and JPEG can be read"));
  }
  const bool is_palette = layout.kind == PHOTOMETRIC_PALETTE && layout.bits == 8;
  const bool is_grey =
      layout.kind == PHOTOMETRIC_MINISBLACK || layout.kind == PHOTOMETRIC_MINISWHITE;
  const bool is_fit = is_palette || is_grey || (layout.is_rgb() && layout.samples >= 3);
  if (!is_fit || (layout.bits != 8 && layout.bits != 16) || layout.samples < 1 ||
      layout.samples > 8) {
    file.fail(joined("a TIFF of photometric kind ", layout.kind, " with ", layout.samples,
                     " samples of ", layout.bits,
                     " bits; grey, RGB and palettes, of 8 or 16 bits, can be read"));
  }
}

Layout read_layout(TIFF* tiff, const ImageFile& file) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  Layout layout{};
  layout.size = {height, width};
  file.check(layout.size);
  layout.bits = tag(tiff, TIFFTAG_BITSPERSAMPLE);
  layout.samples = tag(tiff, TIFFTAG_SAMPLESPERPIXEL);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.kind);
  layout.compression = tag(tiff, TIFFTAG_COMPRESSION);
  layout.separate = tag(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && layout.samples > 1;
  if (layout.kind == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout.kind = PHOTOMETRIC_RGB;
  }
  if (tag(tiff, TIFFTAG_SAMPLEFORMAT) != SAMPLEFORMAT_UINT) {
    file.fail("a TIFF of signed or floating-point samples; unsigned ones can be read");
  }
  check_kind(layout, file);
  uint16_t extra = 0, *extras = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra, &extras);
  layout.premultiplied =
      layout.is_rgb() && layout.samples > 3 && extra > 0 && extras[0] == EXTRASAMPLE_ASSOCALPHA;
  if (layout.kind == PHOTOMETRIC_PALETTE) {
    uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
    if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) {
      file.fail("corrupt TIFF: no palette");
    }
    layout.palette[0] = red, layout.palette[1] = green, layout.palette[2] = blue;
  }
  return layout;
}

/// A strip or tile: where it lies in the picture, and how long its rows are.
struct Piece {
  int64_t top, left, height, width;  // within the picture
  int64_t row_bytes;
  int64_t first_sample, samples;  // of a pixel
};

/// The first four samples of every pixel, 8 bits each: `planes` has 4 bytes a pixel.
void keep(const Piece& piece, const Layout& layout, const std::vector<uint8_t>& bytes,
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

/// All strips or tiles, plane by plane.
class PieceReader {
 public:
  PieceReader(TIFF* tiff, const Layout& layout, const ImageFile& file)
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
    const Piece piece{top,
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
  const Layout& layout_;
  const ImageFile& file_;
  bool is_tiled_;
  int64_t height_ = 0, width_ = 0, samples_ = 0;
  std::vector<uint8_t> bytes_;
};

/// A pixel's samples as R, G and B.
void to_rgb(const Layout& layout, const uint8_t* samples, uint8_t* rgb) {
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
  Source source{file.bytes()};
  const Tiff tiff = open_tiff(source, file);
  const Layout layout = read_layout(tiff.get(), file);
  PieceReader reader(tiff.get(), layout, file);
  const auto pixels = static_cast<size_t>(layout.size.height * layout.size.width);
  std::vector<uint8_t> planes(pixels * 4);
  reader.read_all([&](const Piece& piece, const std::vector<uint8_t>& bytes) {
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
  Source source{file.bytes()};
  const Tiff tiff = open_tiff(source, file);
  const Layout layout = read_layout(tiff.get(), file);
  const bool is_plain = layout.kind == PHOTOMETRIC_MINISBLACK || layout.kind == PHOTOMETRIC_PALETTE;
  if (!is_plain || layout.samples != 1) {
    file.fail("a label TIFF with colours; one with a palette, or grey (0 is black), is needed");
  }
  PieceReader reader(tiff.get(), layout, file);
  GreyPicture picture{layout.size.height, layout.size.width, {}};
  picture.samples.resize(static_cast<size_t>(picture.height * picture.width));
  reader.read_all([&](const Piece& piece, const std::vector<uint8_t>& bytes) {
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
