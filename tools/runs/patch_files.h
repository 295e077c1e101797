/// --patches' and --concepts' files, read for the model that --model names.
#pragma once

#include <string>
#include <vector>

#include "tools/page/page_patches.h"
#include "tools/page/shown_beside.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Throws UserError as PatchFile::load().
PatchFiles read_patch_files(const std::vector<std::string>& paths, const CommonOptions& common,
                            const Model& model);

/// What --concepts and --patches name. Throws UserError as ChannelConcepts::load() and
/// PatchFile::load().
ShownBeside read_beside(const std::string& concepts, const std::vector<std::string>& patches,
                        const CommonOptions& common, const Model& model);

}  // namespace hdecomp::tools
