/// The safetensors format, read into named tensors.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Throws UserError that names the file and the tensor.
TensorFile read_safetensors(const std::string& path);

}  // namespace hdecomp
