/// torch.save's two formats, read into named tensors.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// The zip archive (PyTorch 1.6 and newer). `key`: see gather_state_dict. Throws UserError that
/// names the file and the tensor.
TensorFile read_torch_zip(const std::string& path, const std::string& key = "");
/// The legacy stream of pickles. Throws likewise.
TensorFile read_torch_legacy(const std::string& path, const std::string& key = "");

}  // namespace hdecomp
