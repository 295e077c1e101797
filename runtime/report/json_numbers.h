/// Numbers for JSON with the digits that a float needs and no more: 0.1f as 0.1, not
/// 0.10000000149011612.
#pragma once

#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

namespace hdecomp {

inline double brief(double value) {
  char digits[32];
  const auto [end, fault] =
      std::to_chars(digits, digits + sizeof digits, static_cast<float>(value));
  double result = value;
  if (fault == std::errc()) std::from_chars(digits, end, result);
  return result;
}

inline nlohmann::ordered_json list(std::span<const float> values) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  for (const float value : values) result.push_back(brief(value));
  return result;
}

}  // namespace hdecomp
