/// A file that one run has to itself.
#pragma once

#include <string>

#include "weights/file/file_descriptor.h"

namespace hdecomp {

/// Locks an open file against other runs for as long as it is open. Throws UserError, a line that
/// begins with `shown`, where another run has it, or has put another file at `path` meanwhile.
void lock_file(const FileDescriptor& file, const std::string& path, const std::string& shown);

}  // namespace hdecomp
