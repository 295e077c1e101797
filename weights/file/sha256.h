/// SHA-256 of a file, for the `source` line of a converted model.
#pragma once

#include <string>

namespace hdecomp {

/// 64 hexadecimal digits. Throws UserError if the file cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace hdecomp
