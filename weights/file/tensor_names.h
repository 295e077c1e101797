/// What the readers of torch's and safetensors' files do with the names they found.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Drops the "module." that DataParallel puts before every name, if it is before every name. Throws
/// UserError if the file has no tensors at all.
void finish_names(TensorFile& file, const std::string& path);

}  // namespace hdecomp
