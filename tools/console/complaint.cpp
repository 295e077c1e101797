/// Lines for stderr.
#include "tools/console/complaint.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/console/json_text.h"

namespace hdecomp::tools {
namespace {

bool in_json = false;

void print(const std::string& what, const nlohmann::ordered_json& json) {
  const std::string line = in_json ? json_text(json) : "hdecomp: " + one_line(what);
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  for (size_t i = 1; i < text.size(); ++i) {  // the second set, U+0080 to U+009F, in UTF-8
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i - 1] == '\xc2' && byte >= 0x80 && byte < 0xa0) text[i - 1] = text[i] = ' ';
  }
  return text;
}

void complain(const std::string& what) { print(what, {{"warning", what}}); }

int complain_at_last(const std::string& what, int code) {
  print(what, {{"error", what}, {"exit_code", code}});
  return code;
}

void complain_in_json() { in_json = true; }

}  // namespace hdecomp::tools
