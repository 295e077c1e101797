/// Checks on a value's characters, ahead of the flag's own.
#include "tools/console/plain_values.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "hdecomp/number.h"

namespace hdecomp::tools {
namespace {

/// "0", "16"; "-3" for a signed type. No zero leads: to CLI11 that is octal.
template <class Number>
bool is_whole_number(std::string_view text) {
  if (!number_in<Number>(text)) return false;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return digits.size() == 1 || digits.front() != '0';
}

bool is_decimal_number(std::string_view text) {
  const std::optional<double> value = number_in<double>(text);
  return value && std::isfinite(*value);
}

/// Whether the text is a number of digits alone, however many.
bool has_digits_alone(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos &&
         (digits.size() == 1 || digits.front() != '0');
}

/// What is wrong with a value of the flag's type; "" if nothing is.
std::string fault_of(const std::string& type, const std::string& value) {
  if (value.empty()) return "is empty";
  const std::string shown = "'" + value + "' is not ";
  if (type.starts_with("UINT") && !is_whole_number<uint64_t>(value)) {
    return shown + "a whole number of 0 to 2^64 - 1 in decimal digits";
  }
  if (type.starts_with("INT") && !is_whole_number<int32_t>(value)) {
    if (!has_digits_alone(value)) return shown + "a whole number in decimal digits";
    return value + " is beyond " + (value.starts_with('-') ? "-2147483648" : "2147483647");
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
