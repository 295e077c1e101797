/// What experiments print.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/ablation_fill.h"
#include "hdecomp/result_files.h"
#include "hdecomp/tree.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// The table, and how many images count; or as JSON.
void print_results(const ResultsFile& results, const Table& table, AblationFill fill, bool json,
                   const Timings& timings_ms);
/// The results file and those beside it, a line.
void print_written(const std::string& output, const std::vector<TableFile>& files);

}  // namespace hdecomp::tools
