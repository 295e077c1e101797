/// The tables of `hdecomp discriminate`: by stage, and by channel.
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/table.h"

namespace hdecomp::tools {

/// Of each stage how many channels are chosen, and their discriminative degrees beside chance.
Table discriminations(const ResultsFile& results);

/// A row per channel of each stage, from above.
Table channels_of(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
