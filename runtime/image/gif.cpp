/// The first frame of a GIF file: giflib's decoder, row by row into the screen.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "hdecomp/error.h"
#include "runtime/image/library_formats.h"

namespace hdecomp {
namespace {

struct Reader {
  std::span<const uint8_t> left;
};

int read_some(GifFileType* gif, GifByteType* to, int count) {
  auto& left = static_cast<Reader*>(gif->UserData)->left;
  const size_t taken = std::min(left.size(), static_cast<size_t>(std::max(count, 0)));
  std::copy_n(left.data(), taken, to);
  left = left.subspan(taken);
  return static_cast<int>(taken);
}

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, CloseGif>;

void require(int result, const ImageFile& file) {
  if (result != GIF_OK) file.fail("corrupt or truncated GIF: the first frame can't be decoded");
}

/// Reads on up to the first frame's description. Returns the colour index that it says is
/// transparent, 0 if none.
uint8_t find_frame(GifFileType* gif, const ImageFile& file) {
  int transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    require(DGifGetRecordType(gif, &type), file);
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type != EXTENSION_RECORD_TYPE) file.fail("a GIF without a picture");
    int code = 0;
    GifByteType* block = nullptr;  // its first byte is its length
    require(DGifGetExtension(gif, &code, &block), file);
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control)) {
        transparent = control.TransparentColor;
      }
      require(DGifGetExtensionNext(gif, &block), file);
    }
  }
  require(DGifGetImageDesc(gif), file);
  return static_cast<uint8_t>(std::max(transparent, 0));
}

/// The rows of an interlaced frame come in four passes.
template <class Visit>
void visit_rows(int64_t height, bool interlaced, const Visit& visit) {
  if (!interlaced) {
    for (int64_t y = 0; y < height; ++y) visit(y);
    return;
  }
  constexpr struct { int64_t first, step; } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  for (const auto& [first, step] : passes) {
    for (int64_t y = first; y < height; y += step) visit(y);
  }
}

/// Indices beyond the palette are greys, as PIL has them.
void set_colour(const ColorMapObject* palette, uint8_t index, uint8_t* rgb) {
  if (palette == nullptr || index >= palette->ColorCount) {
    std::fill_n(rgb, Image::channels, index);
    return;
  }
  const GifColorType& colour = palette->Colors[index];
  rgb[0] = colour.Red;
  rgb[1] = colour.Green;
  rgb[2] = colour.Blue;
}

}  // namespace

Image decode_gif(const ImageFile& file) {
  Reader reader{file.bytes()};
  int fault = 0;
  const Gif gif(DGifOpen(&reader, read_some, &fault));
  if (!gif) file.fail("corrupt or truncated GIF: its header can't be read");
  PixelSize size{gif->SHeight, gif->SWidth};
  file.check(size);
  const uint8_t background = find_frame(gif.get(), file);
  const GifImageDesc& frame = gif->Image;
  file.check({frame.Height, frame.Width});
  // A frame that leaves the screen widens it.
  size.height = std::max<int64_t>(size.height, int64_t{frame.Top} + frame.Height);
  size.width = std::max<int64_t>(size.width, int64_t{frame.Left} + frame.Width);
  file.check(size);
  const ColorMapObject* palette = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;

  Image image{size.height, size.width, {}};
  image.rgb.resize(static_cast<size_t>(size.height * size.width * Image::channels));
  for (size_t at = 0; at < image.rgb.size(); at += Image::channels) {
    set_colour(palette, background, image.rgb.data() + at);
  }
  std::vector<GifPixelType> row(static_cast<size_t>(frame.Width));
  visit_rows(frame.Height, frame.Interlace, [&](int64_t y) {
    require(DGifGetLine(gif.get(), row.data(), frame.Width), file);
    uint8_t* to = image.rgb.data() + ((frame.Top + y) * size.width + frame.Left) * Image::channels;
    for (const GifPixelType index : row) {
      set_colour(palette, index, to);
      to += Image::channels;
    }
  });
  return image;
}

}  // namespace hdecomp
