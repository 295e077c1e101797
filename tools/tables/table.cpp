/// Tables in three spellings.
#include "tools/tables/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hdecomp::tools {
namespace {

using Row = std::vector<std::string>;

std::string quoted(const std::string& value) {
  if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
  std::string result = "\"";
  for (const char c : value) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

std::string markdown_row(const Row& row) {
  std::string line = "|";
  for (const std::string& value : row) line += " " + value + " |";
  return line + "\n";
}

}  // namespace

std::string cell(double value, int digits) {
  if (std::isnan(value)) return "-";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string percent(double share) { return cell(100 * share, 1) + " %"; }

std::string to_csv(const Table& table) {
  std::string result;
  const auto add = [&](const Row& row) {
    for (size_t i = 0; i < row.size(); ++i) result += (i == 0 ? "" : ",") + quoted(row[i]);
    result += "\n";
  };
  add(table.header);
  for (const Row& row : table.rows) add(row);
  return result;
}

std::string to_markdown(const Table& table) {
  std::string result = markdown_row(table.header) + "|---|";
  for (size_t i = 1; i < table.header.size(); ++i) result += "---:|";
  result += "\n";
  for (const Row& row : table.rows) result += markdown_row(row);
  return result;
}

std::string to_columns(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& name : table.header) widths.push_back(name.size());
  for (const Row& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string result;
  const auto add = [&](const Row& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      result += i == 0 ? row[i] + space : "  " + space + row[i];
    }
    result += "\n";
  };
  add(table.header);
  for (const Row& row : table.rows) add(row);
  return result;
}

}  // namespace hdecomp::tools
