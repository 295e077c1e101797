/// Sizes that files leave open.
#include "weights/general/input_size.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp::general {

PixelSize input_size(const PixelSize& asked, const PixelSize& of_file, const std::string& what,
                     std::vector<std::string>& said) {
  constexpr int64_t usual = 224, largest = 4096;
  PixelSize size = asked;
  if (asked == 0) {
    const int64_t fixed = std::max(of_file.height, of_file.width);
    const int64_t open = fixed != 0 ? fixed : usual;
    size = {of_file.height != 0 ? of_file.height : open, of_file.width != 0 ? of_file.width : open};
    if (size != of_file)
      said.push_back(
          joined("the file leaves the input's size open: ", size, " (--crop sets another)"));
  }
  if (!PixelSize(1).fits_in(size) || !size.fits_in(largest))
    throw UserError(joined(what, "; sizes are 1 to ", largest));
  return size;
}

}  // namespace hdecomp::general
