/// Renaming a file's tensors without forgetting how the file spells them.
#pragma once

#include <functional>
#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Gives every tensor the name that `renamed` makes of its name; "" leaves it out. Throws UserError
/// that begins with `path` if two tensors get the same name.
void rename_tensors(TensorFile& file, const std::string& path,
                    const std::function<std::string(const std::string& name)>& renamed);

/// Throws UserError if the file has no tensors at all.
void require_tensors(const TensorFile& file, const std::string& path);

}  // namespace hdecomp
