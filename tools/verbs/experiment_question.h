/// What an experiment is asked.
#pragma once

#include "hdecomp/experiment.h"
#include "tools/list_verbs.h"

namespace hdecomp::tools {

/// Reads the files that flags name: means, regions, the other model. Throws UserError.
ExperimentOptions experiment_question(const ExperimentCommandOptions& options, ExperimentKind kind,
                                      const Model& model);

}  // namespace hdecomp::tools
