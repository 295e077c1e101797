/// What the command says on stderr: one line, whatever is in the names it tells of.
#pragma once

#include <string>

namespace hdecomp::tools {

/// The text with control characters as spaces: names of files and tensors may hold anything.
std::string one_line(std::string text);

/// Prints "hdecomp: WHAT" to stderr as one line.
void complain(const std::string& what);

}  // namespace hdecomp::tools
