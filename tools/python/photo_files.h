/// The photographs that Python's runs over many are given.
#pragma once

#include "hdecomp/experiment_files.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {

/// `images`: a folder, of which the one in it `without` does not count, or several paths; `labels`:
/// None, 'folder', or a class or None for each. Throws UserError for a folder that is none, another
/// number of labels, and unknown classes.
ExperimentFiles files_from(const py::object& images, const py::object& labels, const Model& model,
                           const std::string& without = {});

/// Of `exif=`.
inline Turning turning(bool exif) { return exif ? Turning::upright : Turning::as_stored; }

}  // namespace hdecomp::python
