/// Text that was no text: names out of files may be in any encoding.
#pragma once

#include <string>
#include <string_view>

namespace hdecomp {

/// As UTF-8, with U+FFFD for bytes that are none.
std::string repaired_utf8(std::string_view characters);

}  // namespace hdecomp
