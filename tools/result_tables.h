/// The paper's tables out of a results file.
#pragma once

#include "hdecomp/results_file.h"
#include "tools/table.h"

namespace hdecomp::tools {

/// Means over the measured images that have a value; the experiment is the plan's.
Table table_of(const ResultsFile& results);

}  // namespace hdecomp::tools
