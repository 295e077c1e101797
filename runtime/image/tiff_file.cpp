/// Opens TIFF files and reads their first directory.
#include "runtime/image/tiff_file.h"

#include <algorithm>
#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

tmsize_t read_some(thandle_t handle, void* to, tmsize_t count) {
  auto& source = *static_cast<TiffSource*>(handle);
  const uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
  const uint64_t taken =
      std::min<uint64_t>(left, static_cast<uint64_t>(std::max<tmsize_t>(count, 0)));
  if (taken > 0) std::memcpy(to, source.bytes.data() + source.at, taken);
  source.at += taken;
  return static_cast<tmsize_t>(taken);
}
tmsize_t write_none(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<TiffSource*>(handle);
  const uint64_t from = whence == SEEK_CUR   ? source.at
                        : whence == SEEK_END ? source.bytes.size()
                                             : 0;
  return source.at = from + offset;
}
int close_none(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<TiffSource*>(handle)->bytes.size(); }
int silent(TIFF*, void*, const char*, const char*, va_list) { return 1; }

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

void check_kind(const TiffLayout& layout, const ImageFile& file) {
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

}  // namespace

Tiff open_tiff(TiffSource& source, const ImageFile& file) {
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

TiffLayout read_tiff_layout(TIFF* tiff, const ImageFile& file) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  TiffLayout layout{};
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

}  // namespace hdecomp
