/// The verb help: what the words of a tree mean.
#include <cstdio>

#include "hdecomp/error.h"
#include "tools/page/reading.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

void help(const std::string& topic) {
  if (topic != "reading") {
    throw UserError(
        joined("help ", topic, ": give reading, or hdecomp VERB --help for a verb's flags"));
  }
  std::printf("%s", reading_text().c_str());
}

}  // namespace hdecomp::tools
