/// The names of labels in a text file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hdecomp/region_labels.h"

namespace hdecomp {

/// As RegionLabels::open() says, by rising number.
std::vector<RegionName> read_region_names(const std::string& file, std::optional<int> first);

/// Throws UserError that names the file for more names than results files keep, each as
/// "12: sky" in a line.
void check_written_size(const std::string& file, const std::vector<RegionName>& names);

}  // namespace hdecomp
