/// How a photograph's file says that its pixels lie.
#pragma once

#include "runtime/image/image_file.h"

namespace hdecomp {

/// The EXIF tag Orientation (0x0112) of a JPEG, PNG, WebP or TIFF file: 1 to 8, and 1 where there
/// is none or it cannot be read. The side of the scene that the first row and the first column are:
/// 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and left, 5 left and top, 6 right
/// and top, 7 right and bottom, 8 left and bottom (EXIF 2.32, 4.6.4 A).
int orientation_of(const ImageFile& file);

}  // namespace hdecomp
