/// What a results file tells of an experiment beside its rows.
#pragma once

#include <map>
#include <string>

#include "hdecomp/experiment.h"

namespace hdecomp {

/// The verb.
const char* experiment_name(const ExperimentOptions& options);

/// What was asked, by name, as far as the kind hangs on it; `of_images` where a row is of a whole
/// image and not of its decisions.
std::map<std::string, std::string> told_options(const ExperimentOptions& options, bool of_images);

}  // namespace hdecomp
