/// The verb help: what the words of a tree mean, the manual page, completions.
#include <cstdio>

#include "tools/flags/command_table.h"
#include "tools/page/reading.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

void help(const std::string& topic, const CommandTable& table) {
  std::string text;
  if (topic == "man") {
    text = man_page(table);
  } else if (topic == "bash") {
    text = bash_completion(table);
  } else if (topic == "zsh") {
    text = zsh_completion(table);
  } else {
    text = reading_text();
  }
  std::printf("%s", text.c_str());
}

}  // namespace hdecomp::tools
