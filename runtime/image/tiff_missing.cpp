/// In place of the TIFF decoder, where the build found no libtiff 4.5 or newer.
#include "runtime/image/library_formats.h"

namespace hdecomp {
namespace {

[[noreturn]] void refuse(const ImageFile& file) {
  file.fail(
      "is a TIFF image, which this build of hdecomp can't read: it was made without libtiff 4.5 or "
      "newer (Debian's libtiff-dev)");
}

}  // namespace

Image decode_tiff(const ImageFile& file) { refuse(file); }
GreyPicture decode_tiff_samples(const ImageFile& file) { refuse(file); }

}  // namespace hdecomp
