/// The tables of `hdecomp context`: by class, and by label.
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

struct ContextTables {
  Table classes;  // Fig. 14: of each stage and class, and of all, the most frequent labels
  Table labels;   // every label of a stage and class that a map has
};
ContextTables contexts(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
