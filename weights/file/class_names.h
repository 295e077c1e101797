/// Class names from the two usual kinds of file.
#pragma once

#include <string>
#include <vector>

namespace hdecomp {

struct ClassNames {
  std::vector<std::string> names;
  std::vector<std::string> wnids;  // empty if the file has none
};

/// Reads a text file, one name per line, or imagenet_class_index.json: {"0": ["n01440764",
/// "tench"], ...}. Throws UserError that names the file.
ClassNames read_class_names(const std::string& path);

}  // namespace hdecomp
