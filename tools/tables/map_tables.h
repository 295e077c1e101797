/// Tables of the experiments on whole images: surrogates, importance and randomised networks.
#pragma once

#include "hdecomp/results_file.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

Table sparse_networks(const ResultsFile& results);  // Fig. 9
Table importances(const ResultsFile& results);      // Fig. 10
/// Fig. 8: a row for each method and measure, a column for each step, then the mean over the steps.
Table changed_maps(const ResultsFile& results);

}  // namespace hdecomp::tools
