/// What what-ifs shows of its rows.
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// Of all changed images, and where labels are known of those that were wrong and right before: the
/// means of what the change does, with what chance does below.
Table what_ifs_table(const ResultsFile& results);
/// By channel that the images were changed by, the most frequent first: how many, how many of them
/// were wrong before, and what became of them.
Table what_ifs_channels(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
