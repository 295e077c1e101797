/// Reading numbers that people and files write.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hdecomp {

/// A decimal number, with a minus before it for signed types, and nothing else; nothing where it is
/// none, or one that the type does not hold.
template <class Number = int64_t>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace hdecomp
