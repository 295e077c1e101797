/// Escapes text for HTML.
#include "tools/page/html.h"

#include <map>
#include <random>

#include "hdecomp/error.h"

namespace hdecomp::tools {

std::string as_html(const std::string& text) {
  const std::map<char, std::string> replacements{
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
  std::string html;
  for (const char c : text) {
    const auto found = replacements.find(c);
    html += found == replacements.end() ? std::string(1, c) : found->second;
  }
  return html;
}

std::string as_link(const std::string& path) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string link;
  for (const char c : path) {
    if (plain.find(c) != plain.npos) {
      link += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      link += {'%', digits[byte / 16], digits[byte % 16]};
    }
  }
  return link;
}

std::string random_word() {
  std::random_device source;
  std::string word;
  for (int i = 0; i < 4; ++i) word += joined(std::hex, source());
  return word;
}

void fill_mark(std::string& page, const std::string& mark, const std::string& with) {
  const size_t at = page.find(mark);
  if (at == std::string::npos) throw Error(joined("the page has no ", mark));
  page.replace(at, mark.size(), with);
}

}  // namespace hdecomp::tools
