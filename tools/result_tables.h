/// The paper's tables out of a results file.
#pragma once

#include "hdecomp/results_file.h"
#include "tools/table.h"

namespace hdecomp::tools {

/// Of each step, at how many decisions the fill changes nothing that rounding does not; none of
/// experiments that do not count them.
std::vector<int64_t> unchanged_of(const ResultsFile& results);

/// Means over the measured images that have a value; the experiment is the plan's.
Table table_of(const ResultsFile& results);

}  // namespace hdecomp::tools
