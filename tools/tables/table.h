/// A table of results, as text, CSV and Markdown.
#pragma once

#include <string>
#include <vector>

namespace hdecomp::tools {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // each as long as the header
};

/// A number as a cell: `digits` after the point; "-" for a NaN.
std::string cell(double value, int digits = 3);

/// 0.123 as "12.3 %".
std::string percent(double share);

/// RFC 4180 with LF.
std::string to_csv(const Table& table);
std::string to_markdown(const Table& table);
/// Columns set apart by spaces, the first one to the left, the others to the right.
std::string to_columns(const Table& table);

}  // namespace hdecomp::tools
