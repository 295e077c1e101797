/// The explained words as they are stored, on a terminal, and in the page.
#include "tools/page/reading.h"

#include "hdecomp/error.h"
#include "tools/page/viewer_files.h"

namespace hdecomp::tools {
namespace {

constexpr size_t line_width = 80, indent = 2;

/// Appends words, broken between lines.
void append_wrapped(std::string_view words, std::string& lines) {
  size_t column = line_width + 1;  // nothing fits before the first line
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    if (column + 1 + end > line_width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    } else {
      lines += ' ';
      ++column;
    }
    lines += words.substr(0, end);
    column += end;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

}  // namespace

std::vector<Explanation> reading() {
  std::vector<Explanation> all;
  for (std::string_view rest = viewer_reading(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const size_t colon = line.find(": ");
    if (colon == line.npos) throw Error("reading.txt: a line without a term");
    all.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  return all;
}

std::string reading_text() {
  std::string lines;
  for (const auto& [term, text] : reading()) {
    lines += joined(lines.empty() ? "" : "\n", term);
    append_wrapped(text, lines);
    lines += '\n';
  }
  return lines;
}

/// The text is the project's own and holds nothing that HTML would read.
std::string reading_html() {
  std::string html = "<dl tabindex=\"0\">";  // it scrolls, also by keys
  for (const auto& [term, text] : reading()) {
    html += joined("<dt>", term, "</dt><dd>", text, "</dd>");
  }
  return html + "</dl>";
}

}  // namespace hdecomp::tools
