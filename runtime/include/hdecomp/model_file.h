/// The file of a model that is named or given.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// A model file's path, or the name of a bundled model, empty for the usual one; a file that is
/// called so comes first. Throws UserError for a word that is neither, and Error if the
/// installation is incomplete.
HDECOMP_API std::string model_file(const std::string& given);

}  // namespace hdecomp
