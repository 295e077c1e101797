/// How a photograph's file says that its pixels lie.
#pragma once

#include <vector>

#include "hdecomp/image.h"
#include "runtime/image/image_file.h"

namespace hdecomp {

/// The EXIF tag Orientation (0x0112) of a JPEG, PNG, WebP or TIFF file: 1 to 8, and 1 where there
/// is none or it cannot be read. The side of the scene that the first row and the first column are:
/// 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and left, 5 left and top, 6 right
/// and top, 7 right and bottom, 8 left and bottom (EXIF 2.32, 4.6.4 A).
int orientation_of(const ImageFile& file);

/// Where the pixels of a stored picture lie when it is upright.
class UprightPixels {
 public:
  /// Of a picture that is stored in this size and orientation, 1 to 8.
  UprightPixels(int orientation, int64_t height, int64_t width);

  /// Of the upright picture.
  int64_t height() const { return exchanged_ ? stored_width_ : stored_height_; }
  int64_t width() const { return exchanged_ ? stored_height_ : stored_width_; }
  /// The place, row by row, in the stored picture of a pixel of the upright one.
  int64_t stored(int64_t y, int64_t x) const {
    const int64_t row = exchanged_ ? x : y, column = exchanged_ ? y : x;
    const int64_t from_y = down_ ? stored_height_ - 1 - row : row;
    return from_y * stored_width_ + (right_ ? stored_width_ - 1 - column : column);
  }

 private:
  int64_t stored_height_, stored_width_;
  bool exchanged_;  // rows and columns
  bool down_;       // the stored rows run backwards
  bool right_;      // and so do the columns
};

/// The pixels of an image as its file has them, whether upright() turned it or not.
std::vector<uint8_t> stored_pixels(const Image& image);

}  // namespace hdecomp
