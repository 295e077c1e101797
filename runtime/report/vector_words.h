/// What SVG and PDF say alike of lengths, pictures and letters.
#pragma once

#include "weights/file/decimal.h"

namespace hdecomp {

inline constexpr int embedded_quality = 92;       // of pictures inside, JPEG
inline constexpr double capitals_of_font = 0.72;  // Helvetica's, of the font's size

/// At most so many decimals, none at the end that are 0.
inline std::string length_text(double value, int decimals = 2) {
  std::string text = decimal(value, decimals);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace hdecomp
