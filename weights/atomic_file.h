/// Writing a file so that it appears whole or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hdecomp {

/// Writes `bytes` to a temporary file in the same folder, then renames it to `path`; a file of that
/// name is replaced, a link is followed. Throws UserError that names the file and the reason; no
/// temporary file and no part of a file stays behind.
void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace hdecomp
