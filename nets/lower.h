/// Lower case for comparing names.
#pragma once

namespace hdecomp {

/// Of ASCII's letters alone, whatever the locale: names may be UTF-8.
inline char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace hdecomp
