/// The lines of a text file of names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hdecomp {

constexpr size_t max_name_bytes = 1000;

/// The lines of `content` that are not blank, without the blanks at their ends. Throws UserError
/// that names `path`: a line that is longer than max_name_bytes, has a NUL or is not UTF-8, and
/// lines that are numbered from 0 or 1 on but stand in another order, by which each would be
/// another's name.
std::vector<std::string> name_lines(const std::string& path, std::string_view content);

}  // namespace hdecomp
