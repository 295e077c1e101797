/// Lines for stderr.
#include "tools/complaint.h"

#include <algorithm>
#include <cstdio>

namespace hdecomp::tools {

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

void complain(const std::string& what) {
  std::fprintf(stderr, "hdecomp: %s\n", one_line(what).c_str());
}

}  // namespace hdecomp::tools
