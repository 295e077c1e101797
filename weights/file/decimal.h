/// Numbers as text with a decimal point, whatever locale the program around has set.
#pragma once

#include <charconv>
#include <string>

namespace hdecomp {

/// `digits` behind the point; with `chars_format::general` so many significant ones.
inline std::string decimal(double value, int digits,
                           std::chars_format format = std::chars_format::fixed) {
  char text[400];  // the largest double has 309 digits before the point
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value, format, digits);
  return {text, end.ec == std::errc() ? end.ptr : text};
}

}  // namespace hdecomp
