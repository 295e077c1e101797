/// A model file's attributes: its network's parameters and the input rule.
#pragma once

#include <string>

#include "hdecomp/preprocess.h"
#include "nets/family.h"
#include "weights/hdf5/hdf5_attributes.h"

namespace hdecomp {

/// Both throw UserError, one line that names the file and the attribute.
NetParams read_params(const Hdf5Reader& reader, const std::string& path);
Preprocess read_preprocess(const Hdf5Reader& reader, const std::string& path);

}  // namespace hdecomp
