/// The paper's tables out of a results file.
#pragma once

#include <optional>
#include <vector>

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/tables/discrimination_stages.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// Of each step, at how many decisions the fill changes nothing that rounding does not; none of
/// experiments that do not count them.
std::vector<int64_t> unchanged_of(const ResultsFile& results);

struct ResultTables {
  Table table;                                   // means over the measured images that have a value
  std::optional<Table> channels = {};            // of discriminate, attack and what-ifs: by channel
  std::optional<Table> labels = {};              // of context: a row per label
  std::vector<DiscriminationStage> stages = {};  // of discriminate: what its tables are of
};
/// Of the plan's experiment.
ResultTables tables_of(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
