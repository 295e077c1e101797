/// "How to read this": the words that reports, the page and the printed tree use, explained.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hdecomp::tools {

struct Explanation {
  std::string_view term, text;
};

/// Of tools/viewer/reading.txt, in its order.
std::vector<Explanation> reading();

/// For a terminal: a term a paragraph, in lines of at most 80 characters.
std::string reading_text();
/// For the page: a definition list.
std::string reading_html();

}  // namespace hdecomp::tools
