/// How shares are written: the rule of the pictures' part_words and of the pages' `part`.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace hdecomp::tools {

/// A share of the positive evidence, in any locale: "0.021", below 0.001 of two digits, "4.0e-4".
inline std::string part_words(double part) {
  if (part == 0) return "0";
  const bool is_small = std::abs(part) < 0.001;
  char text[400];  // the largest double has 309 digits before the point
  const std::to_chars_result end =
      is_small ? std::to_chars(text, text + sizeof text, part, std::chars_format::scientific, 1)
               : std::to_chars(text, text + sizeof text, part, std::chars_format::fixed, 3);
  std::string words(text, end.ptr);
  const size_t zero = words.find("e-0");
  return is_small && zero != words.npos ? words.erase(zero + 2, 1) : words;
}

}  // namespace hdecomp::tools
