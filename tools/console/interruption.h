/// What is left to do when SIGINT or SIGTERM ends the program.
#pragma once

#include "tools/output/folder_watch.h"

namespace hdecomp::tools {

/// From now on, such a signal takes the folder away, with all that is in it or only if that is
/// nothing, and then ends the program as it would have.
void take_away_on_interruption(const std::filesystem::path& folder, Contents contents);
void forget_on_interruption(const std::filesystem::path& folder);

}  // namespace hdecomp::tools
