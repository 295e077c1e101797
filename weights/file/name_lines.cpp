/// Cuts a text into names and checks that they are names in their order.
#include "weights/file/name_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "hdecomp/trimmed.h"

namespace hdecomp {
namespace {

bool is_utf8(std::string_view text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

/// The number before a name, as in "12: tench" and "12 tench".
std::optional<int64_t> number_before(std::string_view line) {
  const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const size_t name = line.find_first_not_of(" \t,;:.)", digits);
  if (name == digits || name == std::string_view::npos) return {};
  return number_in(line.substr(0, digits));
}

/// Folders' names in the order of their texts are in order, too ("10 x" before "2 y").
void refuse_disorder(const std::string& path, const std::vector<std::string>& lines) {
  std::vector<int64_t> numbers;
  for (const std::string& line : lines) {
    const std::optional<int64_t> number = number_before(line);
    if (!number) return;
    numbers.push_back(*number);
  }
  if (std::ranges::is_sorted(numbers) || std::ranges::is_sorted(lines)) return;
  const int64_t first = numbers[0];
  std::ranges::sort(numbers);
  if (numbers[0] > 1) return;
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] != numbers[i - 1] + 1) return;
  }
  throw UserError(joined(path, ": its lines are numbered from ", numbers[0], " to ", numbers.back(),
                         ", but begin with ", first,
                         " and go by no order; sort them: class 0 is the first"));
}

}  // namespace

std::vector<std::string> name_lines(const std::string& path, std::string_view content) {
  std::vector<std::string> lines;
  for (size_t number = 1; !content.empty(); ++number) {
    const size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = trimmed(content.substr(0, end));  // nobody sees or types blanks
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.find('\0') != std::string_view::npos || line.size() > max_name_bytes) {
      throw UserError(path + ": not a text file of one class name per line");
    }
    if (!is_utf8(line)) {
      throw UserError(
          joined(path, ": line ", number, " is not UTF-8; save the file in that encoding"));
    }
    if (!line.empty()) lines.emplace_back(line);
  }
  refuse_disorder(path, lines);
  return lines;
}

}  // namespace hdecomp
