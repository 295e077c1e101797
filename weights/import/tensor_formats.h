/// The formats of foreign weight files, told apart by their first bytes.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Tells the format by its first bytes and reads it. Throws UserError that names the file.
TensorFile read_tensor_file(const std::string& path);

}  // namespace hdecomp
