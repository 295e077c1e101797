/// PyTorch's many names for one network's tensors, brought to torchvision's.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Drops what wrappers put into names (DataParallel's "module.", torch.compile's "_orig_mod.",
/// "model.", "backbone.", "net." anywhere, and any one name before most of the others), the
/// counters of batches, and turns Hugging Face's ResNet names into torchvision's. Throws UserError
/// that begins with `path` if two tensors become one.
void use_torchvision_names(TensorFile& file, const std::string& path);

}  // namespace hdecomp
