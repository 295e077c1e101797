/// In place of the WebP decoder, where the build found no libwebp.
#include "runtime/image/library_formats.h"

namespace hdecomp {

Image decode_webp(const ImageFile& file) {
  file.fail(
      "is a WebP image, which this build of hdecomp can't read: it was made without libwebp "
      "(Debian's libwebp-dev)");
}

}  // namespace hdecomp
