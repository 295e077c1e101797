/// Names that come from a foreign file, made safe to stand in an error's one line.
#pragma once

#include <string>
#include <string_view>

namespace hdecomp {

/// The name in single quotes; what is not printable ASCII as \xNN, and no more than 100 characters
/// of it. (Not called quoted: for a std::string, lookup by argument would find std::quoted.)
inline std::string in_quotes(std::string_view name) {
  constexpr size_t longest = 100;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result = "'";
  for (const char character : name.substr(0, longest)) {
    const auto code = static_cast<unsigned char>(character);
    if (code >= 0x20 && code < 0x7f) {
      result += character;
    } else {
      result += {'\\', 'x', digits[code >> 4], digits[code & 15]};
    }
  }
  return result + (name.size() > longest ? "...'" : "'");
}

}  // namespace hdecomp
