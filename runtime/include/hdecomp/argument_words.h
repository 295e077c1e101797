/// Errors in the words of a program that calls, not of the command line.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// "--merge-overlaps 2: give ..." as "merge_overlaps 2: give ...", for each of the library's flags
/// that begins a word; other words that begin so, as of a file's name, stay, and so does a line
/// that names a command.
HDECOMP_API std::string in_argument_words(const std::string& line);

}  // namespace hdecomp
