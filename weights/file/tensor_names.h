/// Renaming a file's tensors without forgetting how the file spells them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// A tensor's new name; none leaves it out.
using Renaming = std::function<std::optional<std::string>(const std::string& name)>;

/// Gives every tensor its new name. Throws UserError that begins with `path` if two tensors get the
/// same one.
void rename_tensors(TensorFile& file, const std::string& path, const Renaming& renamed);

/// Leaves those tensors alone whose names begin with `word` and a dot, without these. False, and
/// nothing done, if there are none.
bool take_under(TensorFile& file, const std::string& word, const std::string& path);

/// What stands before a name's first dot; empty where there is none.
std::string first_word(const std::string& name);

/// Throws UserError if the file has no tensors at all.
void require_tensors(const TensorFile& file, const std::string& path);

}  // namespace hdecomp
