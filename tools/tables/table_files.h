/// The tables that stand beside a results file, as text files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hdecomp/result_files.h"
#include "tools/tables/graph_tables.h"
#include "tools/tables/result_tables.h"

namespace hdecomp::tools {

std::vector<TableFile> table_files(const ResultTables& tables);
std::vector<TableFile> table_files(const ShownGraphs& shown, const Model& model);

/// Of any experiment's results. Of class-graph levels are pruned to `share` and channels called as
/// `concepts`, if any, has them. Throws UserError for a share out of range, and where no image has
/// a graph.
std::vector<TableFile> table_files(const ResultsFile& results, const Model& model, double share,
                                   std::shared_ptr<const ChannelConcepts> concepts);

/// Writes them beside the results file `output`. Throws UserError if it cannot.
void write_tables(const std::string& output, const std::vector<TableFile>& files);

}  // namespace hdecomp::tools
