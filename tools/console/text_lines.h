/// Small text files of a line per thing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hdecomp::tools {

/// The lines that are not empty, without line ends of either kind and a byte order mark. Throws
/// UserError that names the file if it cannot be read, has no line, or is larger than 256 MiB.
std::vector<std::string> read_lines(const std::string& path);

struct LabelledPath {
  std::string path, label;
};

/// "my cat.jpg Egyptian cat" is a path and a label, both of which may have spaces: the longest
/// beginning that `is_path` counts. Nothing where none does, of the last words of a line or of one
/// that is longer than paths are.
std::optional<LabelledPath> labelled_path(const std::string& line,
                                          const std::function<bool(const std::string&)>& is_path);

}  // namespace hdecomp::tools
