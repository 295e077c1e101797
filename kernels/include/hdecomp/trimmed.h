/// Text without the blanks at its ends.
#pragma once

#include <string_view>

namespace hdecomp {

/// `blanks`: what counts as such.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r") {
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace hdecomp
