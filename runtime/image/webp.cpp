/// The WebP decoder: libwebp's, for still pictures.
#include <webp/decode.h>

#include "hdecomp/error.h"
#include "runtime/image/library_formats.h"

namespace hdecomp {

Image decode_webp(const ImageFile& file) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(file.bytes().data(), file.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) file.fail("truncated: a WebP file without its header");
  if (status != VP8_STATUS_OK) file.fail("corrupt WebP: its header can't be read");
  file.need(8, file.little_endian(4, 4));  // what RIFF says of its own length
  const PixelSize size{features.height, features.width};
  file.check(size);
  if (features.has_animation != 0) file.fail("an animated WebP; still ones can be read");
  Image image{size.height, size.width, {}};
  image.rgb.resize(static_cast<size_t>(size.height * size.width * Image::channels));
  const auto row = static_cast<int>(size.width * Image::channels);
  if (WebPDecodeRGBInto(file.bytes().data(), file.size(), image.rgb.data(), image.rgb.size(),
                        row) == nullptr) {
    file.fail("corrupt or truncated WebP: the picture can't be decoded");
  }
  return image;
}

}  // namespace hdecomp
