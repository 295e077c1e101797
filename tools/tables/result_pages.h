/// Results of verbs over many images as pages that people read.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/page/shown_beside.h"
#include "tools/tables/discrimination_stages.h"
#include "tools/tables/result_tables.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// Of `discriminate`: of each stage how D is distributed, beside chance, how many channels are
/// never chosen, and those of the fewest classes, with their names and what they look for.
/// `stages`: discrimination_stages() of the results.
std::string discrimination_page(const ResultsFile& results,
                                const std::vector<DiscriminationStage>& stages, const Model& model,
                                const ShownBeside& beside);

/// Of `context`: what the maps of each class lie on, stage by stage. `labels`: its table by label.
std::string context_page(const ResultsFile& results, const Table& labels);

/// The one of these two that the results have. `tables`: of them. Throws UserError for another
/// experiment's, and where no image was measured.
std::string page_of(const ResultsFile& results, const ResultTables& tables, const Model& model,
                    const ShownBeside& beside);

}  // namespace hdecomp::tools
