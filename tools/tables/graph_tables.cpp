/// Rows and lines of class graphs.
#include "tools/tables/graph_tables.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "hdecomp/part_words.h"
#include "tools/tables/concept_names.h"

namespace hdecomp::tools {
namespace {

constexpr size_t most_edge_rows = 8;  // of a level, in text

/// "conv5_3:70 (face 0.31)"; of the level above the first the class.
std::string channel_words(const ShownGraphs& shown, const std::string& layer, int32_t channel) {
  std::string words = joined(layer, ":", channel);
  const std::string name = concept_words(shown.concepts.get(), layer, channel);
  return name.empty() ? words : joined(words, " (", name, ")");
}

}  // namespace

ShownGraphs shown_graphs(const ResultsFile& results, double share, const Model& model,
                         std::shared_ptr<const ChannelConcepts> concepts) {
  ShownGraphs shown;
  shown.share = share;
  shown.concepts = std::move(concepts);
  for (ClassGraph& graph : class_graphs(results, model)) {
    ClassGraph kept = pruned(graph, share);
    shown.graphs.push_back({std::move(graph), std::move(kept)});
  }
  return shown;
}

Table graph_classes(const ShownGraphs& shown, const Model& model) {
  Table table{{"class", "trees"}, {}};
  if (shown.graphs.empty()) return table;
  for (const GraphLevel& level : shown.graphs.front().kept.levels) {
    table.header.push_back(level.layer + " reach");
    table.header.push_back("channels");
  }
  for (const ShownGraph& graph : shown.graphs) {
    table.rows.push_back({model.class_name(graph.kept.of), joined(graph.kept.trees)});
    for (size_t l = 0; l < graph.kept.levels.size(); ++l) {
      table.rows.back().push_back(part_words(graph.kept.levels[l].reach));
      table.rows.back().push_back(
          joined(graph.kept.levels[l].nodes.size(), " of ", graph.all.levels[l].nodes.size()));
    }
  }
  return table;
}

Table graph_edges(const ShownGraphs& shown, const Model& model) {
  Table table{{"class", "name", "of_trees", "above", "channel_above", "layer", "channel", "trees",
               "weight", "kept"},
              {}};
  for (const ShownGraph& graph : shown.graphs) {
    std::string above = "scores";
    for (size_t l = 0; l < graph.all.levels.size(); ++l) {
      const GraphLevel& level = graph.all.levels[l];
      std::set<std::pair<int32_t, int32_t>> kept;
      for (const GraphEdge& edge : graph.kept.levels[l].edges)
        kept.insert({edge.above, edge.below});
      for (const GraphEdge& edge : level.edges) {
        table.rows.push_back({joined(graph.all.of), model.class_name(graph.all.of),
                              joined(graph.all.trees), above, joined(edge.above), level.layer,
                              joined(edge.below), joined(edge.trees), cell(edge.weight, 9),
                              kept.contains({edge.above, edge.below}) ? "1" : "0"});
      }
      above = level.layer;
    }
  }
  return table;
}

std::string graph_text(const ShownGraphs& shown, const ShownGraph& graph, const Model& model) {
  const std::string name = model.class_name(graph.kept.of);
  std::string text =
      joined(name, " (class ", graph.kept.of, "): ", graph.kept.trees,
             graph.kept.trees == 1 ? " tree" : " trees",
             shown.share < 1 ? joined("; of each level the strongest edges that hold ",
                                      part_words(shown.share), " of what its channels above reach")
                             : std::string(),
             "\n");
  std::string above;
  for (size_t l = 0; l < graph.kept.levels.size(); ++l) {
    const GraphLevel &kept = graph.kept.levels[l], &all = graph.all.levels[l];
    text += joined(kept.layer, ": reach ", part_words(kept.reach), ", ", part_words(kept.held),
                   " of it in ", kept.nodes.size(), " of ", all.nodes.size(), " channels and ",
                   kept.edges.size(), " of ", all.edges.size(), " edges\n");
    Table table{{"  edge", "trees", "weight"}, {}};
    for (size_t i = 0; i < std::min(kept.edges.size(), most_edge_rows); ++i) {
      const GraphEdge& edge = kept.edges[i];
      table.rows.push_back(
          {joined("  ", above.empty() ? name : channel_words(shown, above, edge.above), " <- ",
                  channel_words(shown, kept.layer, edge.below)),
           joined(edge.trees, " of ", graph.kept.trees), part_words(edge.weight)});
    }
    if (!table.rows.empty()) text += to_columns(table);
    if (kept.edges.size() > most_edge_rows) {
      text += joined("  ", kept.edges.size() - most_edge_rows, " more\n");
    }
    above = kept.layer;
  }
  return text;
}

}  // namespace hdecomp::tools
