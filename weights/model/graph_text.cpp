/// Graphs to lines and back.
#include "weights/model/graph_text.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/model/node_text.h"

namespace hdecomp {
namespace {

void check_names(const Graph& graph) {
  std::set<std::string> names;
  for (const Node& node : graph.nodes) {
    const bool safe = node.name.find('/') == std::string::npos &&
                      node.name.find_first_not_of('.') != std::string::npos;
    if (!safe || !names.insert(node.name).second) {
      throw UserError(
          joined("two nodes of the name ", in_quotes(node.name), ", or a name with a slash"));
    }
  }
}

}  // namespace

std::vector<std::string> node_lines(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Node& node : graph.nodes) lines.push_back(node_line(node));
  return lines;
}

std::vector<std::string> stage_lines(const Graph& graph) {
  std::vector<std::string> lines;
  for (const Stage& stage : graph.stage_ends) lines.push_back(graph.nodes.at(stage.node).name);
  return lines;
}

void check_stages(const Graph& graph) {
  if (graph.stage_ends.empty()) throw UserError("no layer ends a stage");
  int last = 0;
  for (const Stage& stage : graph.stage_ends) {
    if (stage.node <= last || stage.node > graph.scores() - (graph.has_scores ? 1 : 0)) {
      throw UserError(joined("stage ends must rise from the image to the scores; ",
                             in_quotes(stage.name), " does not"));
    }
    if (last > 0 && !is_below(graph, last, stage.node)) {
      throw UserError(
          joined("stage ", in_quotes(stage.name), " is not computed from the stage before it"));
    }
    last = stage.node;
  }
  if (last != graph.scores() && !is_below(graph, last, graph.scores())) {
    throw UserError("the scores are not computed from the last stage");
  }
}

Graph graph_of_lines(const std::vector<std::string>& nodes, const std::vector<std::string>& stages,
                     const PixelSize& input_size, int64_t classes) {
  Graph graph;
  graph.arch = general_arch;
  for (size_t i = 0; i < nodes.size(); ++i) {
    graph.nodes.push_back(node_of_line(nodes[i], i));
    if ((graph.nodes.back().op == Op::input) != (i == 0))
      throw UserError(joined("node 0, and no other, is the input"));
  }
  if (nodes.size() < 2) throw UserError(joined("a graph of ", nodes.size(), " nodes"));
  check_names(graph);
  infer_shapes(graph, {3, input_size.height, input_size.width});
  graph.has_scores = classes > 0;
  const FeatureShape& scores = graph.shapes.back();
  if (graph.has_scores && scores.height * scores.width != 1)
    throw UserError("the last node is a map; class scores are one number per class");
  if (graph.has_scores && scores.channels != classes) {
    throw UserError(joined("attribute 'class_count' is ", classes, ", but its graph has ",
                           scores.channels, " scores"));
  }
  for (const std::string& name : stages) {
    const auto found = std::ranges::find(graph.nodes, name, &Node::name);
    if (found == graph.nodes.end())
      throw UserError(joined("stage ", in_quotes(name), " is no node's name"));
    graph.stage_ends.push_back({name, static_cast<int>(found - graph.nodes.begin())});
  }
  check_stages(graph);
  return graph;
}

}  // namespace hdecomp
