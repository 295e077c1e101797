/// Reading numbers that people write for channels, places and classes.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hdecomp {

/// Decimal digits, with a minus before them, and nothing else.
inline std::optional<int64_t> number(std::string_view digits) {
  int64_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

}  // namespace hdecomp
