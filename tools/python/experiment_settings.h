/// What an experiment is asked with in Python: keywords as the command's flags have them.
#pragma once

#include <map>
#include <string>

#include "hdecomp/experiment_files.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {

/// Of "pcc", "what-ifs" or "what_ifs", ...: its place in experiment_names. Throws UserError that
/// lists them.
size_t experiment_named(std::string name);

/// Throws UserError for a keyword that the experiment does not have, which lists those that it has,
/// and for a value out of range; py::type_error for a value of another type.
ExperimentOptions options_from(size_t experiment, const py::kwargs& settings);

/// Of each keyword what it is given.
std::map<std::string, std::string> settings_of(size_t experiment);

}  // namespace hdecomp::python
