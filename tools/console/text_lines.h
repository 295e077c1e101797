/// Small text files of a line per thing.
#pragma once

#include <string>
#include <vector>

namespace hdecomp::tools {

/// The lines that are not empty, without line ends of either kind and a byte order mark. Throws
/// UserError that names the file if it cannot be read, has no line, or is larger than 256 MiB.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace hdecomp::tools
