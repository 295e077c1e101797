/// The verb class-graph, after its run: tables, text, JSON, pictures, the page.
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "hdecomp/tree.h"
#include "tools/list_verbs.h"
#include "tools/page/shown_beside.h"

namespace hdecomp::tools {

/// Throws UserError for a --share that is none, and a class that is none.
void check_graphs(const ExperimentCommandOptions& options, const Model& model);

/// Writes the tables beside the results and the folder, and prints the classes and a graph.
void tell_graphs(const ExperimentCommandOptions& options, const ResultsFile& results,
                 const Model& model, const ShownBeside& beside, const Timings& timings_ms);

}  // namespace hdecomp::tools
