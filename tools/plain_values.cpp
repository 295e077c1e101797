/// Checks on a value's characters, ahead of the flag's own.
#include "tools/plain_values.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace hdecomp::tools {
namespace {

/// "0", "16"; "-3" where it may be negative.
bool is_whole_number(std::string_view text, bool may_be_negative) {
  if (may_be_negative && text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_decimal_number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

/// What is wrong with a value of the flag's type; "" if nothing is.
std::string fault_of(const std::string& type, const std::string& value) {
  if (value.empty()) return "is empty";
  const std::string shown = "'" + value + "' is not ";
  if (type.starts_with("UINT") && !is_whole_number(value, false)) {
    return shown + "a whole number from 0 on, in decimal digits";
  }
  if (type.starts_with("INT") && !is_whole_number(value, true)) {
    return shown + "a whole number in decimal digits";
  }
  if (type.starts_with("FLOAT") && !is_decimal_number(value)) return shown + "a decimal number";
  return "";
}

void require_plain_value(CLI::Option& option) {
  if (option.get_expected_max() == 0) return;  // a flag without a value
  const std::string type = option.get_type_name();
  // As a transform, because these come before the flag's own checks.
  option.transform(
      CLI::Validator([type](std::string& value) { return fault_of(type, value); }, std::string()));
}

}  // namespace

void require_plain_values(CLI::App& app) {
  for (CLI::App* verb : app.get_subcommands({})) {
    for (CLI::Option* option : verb->get_options()) require_plain_value(*option);
  }
}

}  // namespace hdecomp::tools
