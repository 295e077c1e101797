/// In place of the GIF decoder, where the build found no giflib.
#include "runtime/image/library_formats.h"

namespace hdecomp {

Image decode_gif(const ImageFile& file) {
  file.fail(
      "is a GIF image, which this build of hdecomp can't read: it was made without giflib "
      "(Debian's libgif-dev)");
}

}  // namespace hdecomp
