/// The first bytes of WebP, GIF and TIFF files.
#include "runtime/image/library_formats.h"

namespace hdecomp {

bool is_webp(const ImageFile& file) {
  return file.starts_with("RIFF") && file.size() >= 12 && file.big_endian(8, 4) == 0x57454250;
}

bool is_gif(const ImageFile& file) {
  return file.starts_with("GIF87a") || file.starts_with("GIF89a");
}

bool is_tiff(const ImageFile& file) {
  using namespace std::string_view_literals;
  return file.starts_with("II*\0"sv) || file.starts_with("MM\0*"sv);
}

}  // namespace hdecomp
