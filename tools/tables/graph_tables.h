/// Class graphs as tables and as text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hdecomp/class_graphs.h"
#include "hdecomp/graph_drawing.h"
#include "hdecomp/result_files.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// The graphs of a run, the class of most trees first, and what is said with them.
struct ShownGraphs {
  std::vector<ShownGraph> graphs;
  double share = 0;  // what each level was pruned to
  std::shared_ptr<const ChannelConcepts> concepts = {};
};

/// Of a class-graph's results; each level is pruned to `share`. Throws UserError for one out of
/// range.
ShownGraphs shown_graphs(const ResultsFile& results, double share, const Model& model,
                         std::shared_ptr<const ChannelConcepts> concepts);

/// A row per class: its trees, and of each level the reach and how many channels are left.
Table graph_classes(const ShownGraphs& shown, const Model& model);
/// A row per edge, those that were pruned too.
Table graph_edges(const ShownGraphs& shown, const Model& model);

/// One class's graph, level by level its strongest edges.
std::string graph_text(const ShownGraphs& shown, const ShownGraph& graph, const Model& model);

}  // namespace hdecomp::tools
