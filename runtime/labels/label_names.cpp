/// Names of labels, line by line: numbered, or counted.
#include "runtime/labels/label_names.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "hdecomp/trimmed.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

constexpr size_t most_bytes = 60'000;  // they are kept in results files
constexpr int most_number = RegionMap::none - 1;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// "12: sky"
std::optional<RegionName> numbered(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const std::optional<int> number = number_in<int>(trimmed(line.substr(0, colon)));
  const std::string_view name = trimmed(line.substr(colon + 1));
  if (!number || name.empty()) return {};
  return RegionName{*number, std::string(name)};
}

void check(const std::string& file, const std::vector<RegionName>& names) {
  std::set<std::string> met;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& [number, name] = names[i];
    if (number < 0 || number > most_number) {
      throw UserError(joined(file, ": label ", number, " of ", in_quotes(name),
                             "; labels are 0 to ", most_number));
    }
    if (i > 0 && names[i - 1].number == number) {
      throw UserError(joined(file, ": label ", number, " has two names"));
    }
    if (!met.insert(name).second) {
      throw UserError(joined(file, ": the name ", in_quotes(name), " comes twice"));
    }
  }
}

}  // namespace

std::vector<RegionName> read_region_names(const std::string& file, std::optional<int> first) {
  const FileBytes content(file);
  if (content.bytes().size() > most_bytes) {
    throw UserError(joined(file, ": is larger than ", most_bytes,
                           " bytes; a line for each label's name is needed"));
  }
  const std::string_view text(reinterpret_cast<const char*>(content.bytes().data()),
                              content.bytes().size());
  const bool is_text = std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\r' && c != '\t';
  });
  const std::vector<std::string_view> lines = lines_of(text);
  if (!is_text || lines.empty()) {
    throw UserError(joined(file, ": is no text file of a line for each label's name"));
  }
  std::vector<RegionName> names;
  const bool has_numbers = numbered(lines.front()).has_value();
  if (has_numbers && first) {
    throw UserError(joined(file, ": its lines have numbers; the first label cannot be given"));
  }
  int next = first.value_or(lines.front() == "background" ? 0 : 1);
  for (const std::string_view line : lines) {
    const std::optional<RegionName> own = numbered(line);
    if (own.has_value() != has_numbers) {
      throw UserError(joined(file, ": ", in_quotes(line),
                             ": all lines must have numbers, as in '12: sky', or none"));
    }
    names.push_back(own ? *own : RegionName{next++, std::string(line)});
  }
  std::ranges::stable_sort(names, {}, &RegionName::number);
  check(file, names);
  return names;
}

void check_written_size(const std::string& file, const std::vector<RegionName>& names) {
  size_t bytes = 0;
  for (const auto& [number, name] : names) bytes += joined(number, ": ", name, "\n").size();
  if (bytes <= most_bytes) return;
  throw UserError(joined(file, ": ", names.size(), " names have ", bytes,
                         " bytes with their numbers; at most ", most_bytes,
                         " are kept in results files"));
}

}  // namespace hdecomp
