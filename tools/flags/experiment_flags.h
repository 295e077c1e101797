/// What all verbs that measure many images have for flags.
#pragma once

#include <memory>

#include "tools/flags/flags.h"
#include "tools/list_verbs.h"

namespace hdecomp::tools {

using ExperimentFlags = std::shared_ptr<ExperimentCommandOptions>;
using ExperimentVerb = void (*)(const ExperimentCommandOptions&);

/// A verb with these flags, which fill `options` and are run with them.
CLI::App& add_experiment(CLI::App& app, const char* name, const char* help,
                         const ExperimentFlags& options, ExperimentVerb run);

}  // namespace hdecomp::tools
