/// What is checked of a MATLAB file before libmatio, a foreign parser, sees a byte of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/image/image_file.h"

namespace hdecomp {

/// A file of one variable: the header and that element, as they are in the file.
struct CheckedMat {
  std::vector<uint8_t> bytes;
  int64_t height = 0, width = 0;
};

/// Throws UserError that names the file: not of version 5, truncated, without such a variable (the
/// line says which there are), or one that is not a real matrix of numbers, of no more than the
/// file's most pixels, whose every part lies inside it.
CheckedMat checked_mat_variable(const ImageFile& file, const std::string& name);

}  // namespace hdecomp
