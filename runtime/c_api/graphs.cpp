/// The C interface's class graphs.
#include "hdecomp/error.h"
#include "runtime/c_api/result_handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

std::vector<ClassGraph> graphs_of(const MeasuredFiles& measured, double share) {
  if (!measured.graphs) {
    throw UserError(joined("graphs are of 'class-graph'; these results are of '",
                           measured.plan.experiment, "'"));
  }
  return all_pruned(*measured.graphs, share == 0 ? 1 : share);
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_results_graphs(const hdecomp_results* results, double share,
                                      hdecomp_graphs** graphs) {
  return guarded([&] {
    required(graphs, "graphs");
    put(graphs, graphs_of(required(results, "results").measured, share));
  });
}

int64_t hdecomp_graphs_count(const hdecomp_graphs* graphs) {
  return graphs == nullptr ? 0 : std::ssize(graphs->graphs);
}

hdecomp_status hdecomp_graphs_get(const hdecomp_graphs* graphs, int64_t i, hdecomp_graph* graph) {
  return guarded([&] {
    const ClassGraph& its = at(required(graphs, "graphs").graphs, i, "graph");
    give(hdecomp_graph{0, its.of, its.trees, std::ssize(its.levels)}, graph, "graph");
  });
}

hdecomp_status hdecomp_graphs_level(const hdecomp_graphs* graphs, int64_t i, int64_t level,
                                    hdecomp_graph_level* found) {
  return guarded([&] {
    const GraphLevel& its = required(graphs, "graphs").level(i, level);
    give(hdecomp_graph_level{0, its.layer.c_str(), its.reach, its.held, std::ssize(its.nodes),
                             std::ssize(its.edges)},
         found, "found");
  });
}

hdecomp_status hdecomp_graphs_node(const hdecomp_graphs* graphs, int64_t i, int64_t level,
                                   int64_t k, hdecomp_graph_node* node) {
  return guarded([&] {
    const GraphNode& its = at(required(graphs, "graphs").level(i, level).nodes, k, "node");
    give(hdecomp_graph_node{0, its.channel, its.trees, its.weight}, node, "node");
  });
}

hdecomp_status hdecomp_graphs_edge(const hdecomp_graphs* graphs, int64_t i, int64_t level,
                                   int64_t k, hdecomp_graph_edge* edge) {
  return guarded([&] {
    const GraphEdge& its = at(required(graphs, "graphs").level(i, level).edges, k, "edge");
    give(hdecomp_graph_edge{0, its.above, its.below, its.trees, its.weight}, edge, "edge");
  });
}

void hdecomp_graphs_free(hdecomp_graphs* graphs) { delete graphs; }

}  // extern "C"
