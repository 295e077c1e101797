/// ClassGraphs: what the rows of `hdecomp class-graph` hold, and the graphs of its classes.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/class_graph.h"
#include "hdecomp/model.h"
#include "hdecomp/results_file.h"

namespace hdecomp {

/// The class whose score was decomposed.
inline constexpr const char* graph_class_field = "decision_class";
/// Of a stage, the image's TreeEdges, a row (above, below, weight) each, after them no numbers.
inline std::string edges_field(const std::string& layer) { return "edges_" + layer; }

/// The graphs of the classes that have a tree, the one of most trees first, ties to the lower
/// class. `results` are of class-graph, with this model. Throws UserError that names the field
/// where an edge cannot be.
HDECOMP_API std::vector<ClassGraph> class_graphs(const ResultsFile& results, const Model& model);

}  // namespace hdecomp
