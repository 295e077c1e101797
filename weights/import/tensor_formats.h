/// The formats of foreign weight files, told apart by their first bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Whether a file begins as one of these.
bool is_tensor_file(std::span<const uint8_t> bytes);

/// Tells the format by its first bytes and reads it. `key`: of a torch checkpoint's several dicts
/// of tensors the one to read, or the first word of the names to read; empty for all of the usual
/// one. Throws UserError that names the file.
TensorFile read_tensor_file(const std::string& path, const std::string& key = "");

}  // namespace hdecomp
