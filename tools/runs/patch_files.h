/// --patches' files, read for the model that --model names.
#pragma once

#include <string>
#include <vector>

#include "tools/page/page_patches.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Throws UserError as PatchFile::load().
PatchFiles read_patch_files(const std::vector<std::string>& paths, const CommonOptions& common,
                            const Model& model);

}  // namespace hdecomp::tools
