/// Files of labels as they are, number by number: pictures whose samples are labels, and MATLAB
/// files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/image/image_file.h"

namespace hdecomp {

/// Labels as a file has them.
struct RawLabels {
  int64_t height = 0, width = 0;
  std::vector<uint16_t> numbers;  // (height, width)
};

/// Palette indexes or grey values, not colours, of 1 to 8 or 16 bits. Throws UserError that names
/// the file: damaged, too large, or of colours.
RawLabels png_labels(const ImageFile& file);

/// A variable of a MATLAB file, row by row.
struct MatMatrix {
  int64_t height = 0, width = 0;
  std::vector<double> values;
};

/// A numeric variable of a MATLAB file of version 5, by libmatio, which only sees what
/// checked_mat_variable() lets through. Throws UserError as that does, and where this build has no
/// libmatio.
MatMatrix mat_variable(const ImageFile& file, const std::string& name);

/// The label picture in a MATLAB file's variable LabelMap. Throws UserError as mat_variable() does,
/// and for values that are no labels.
RawLabels mat_labels(const ImageFile& file);

/// Caltech-101's outline: inside 1, outside 0, of a picture of this size. A pixel is inside where
/// its centre is, by the even-odd rule; a centre on a left or upper edge is inside, on another it
/// is not. MATLAB's coordinates, in which the first pixel's centre is (1, 1), and obj_contour
/// counts from the corner that box_coord (top, bottom, left, right) says. What of the outline
/// leaves the picture is cut off. Throws UserError as mat_variable() does, for an outline that is
/// none, a box that ends more than a pixel beyond the picture, and a point 1e6 pixels away.
RawLabels outline_labels(const ImageFile& file, int64_t height, int64_t width);

}  // namespace hdecomp
