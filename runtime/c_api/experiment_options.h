/// What the C interface asks an experiment for.
#pragma once

#include "hdecomp/experiment_files.h"
#include "runtime/c_api/handles.h"

namespace hdecomp::c_api {

/// Without the images for control. Throws UserError for a kind or a word that there is not.
ExperimentOptions experiment_options(const char* kind, const hdecomp_experiment_options& given);

}  // namespace hdecomp::c_api
