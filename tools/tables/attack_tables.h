/// The tables of `hdecomp attack` over many images (Fig. 12).
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// How many were fooled, and the means of Fig. 12c over those.
Table attacks(const ResultsFile& results);
/// Fig. 12b of each image that was fooled: a row per channel.
Table attacked_channels(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
