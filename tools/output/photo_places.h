/// Where the results of each of many photographs lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/experiment_files.h"

namespace hdecomp::tools {

/// Each photograph's place inside the output folder: its path as shown, with its extension, so
/// that a.jpg and a.png stay apart; an absolute one from `root`, or from / where it is not inside
/// it. Without `root`, of paths alone, from the lowest folder that all are in. Throws UserError
/// where two would share a place or one would leave the folder.
std::vector<std::string> places_of(const ExperimentFiles& photos,
                                   const std::optional<std::filesystem::path>& root);

}  // namespace hdecomp::tools
