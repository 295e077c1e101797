/// The look-up of layer names over a graph's three dialects.
#include "nets/layer_names.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/nearest.h"

namespace hdecomp {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> all_names(const Graph& graph) {
  std::vector<std::string> names;
  if (graph.has_scores) names.emplace_back("scores");
  for (const Node& node : graph.nodes) names.push_back(node.name);
  for (const Stage& stage : graph.stage_ends) names.push_back(stage.name);
  for (const Node& node : graph.nodes) {
    names.insert(names.end(), node.torchvision.begin(), node.torchvision.end());
    names.insert(names.end(), node.keras.begin(), node.keras.end());
  }
  return names;
}

}  // namespace

int find_layer(const Graph& graph, const std::string& name) {
  if (name == "scores" && graph.has_scores) return graph.scores();
  for (int i = 0; i <= graph.scores(); ++i) {
    if (graph.nodes[i].name == name) return i;
  }
  for (const Stage& stage : graph.stage_ends) {
    if (stage.name == name) return stage.node;
  }
  for (int i = 0; i <= graph.scores(); ++i) {
    if (holds(graph.nodes[i].torchvision, name) || holds(graph.nodes[i].keras, name)) return i;
  }
  throw UserError(joined("no layer '", name, "' in ", graph.arch,
                         did_you_mean(name, all_names(graph)), " (hdecomp layers lists them)"));
}

std::string layer_label(const Graph& graph, int node) {
  if (node == graph.scores() && graph.has_scores) return "scores";
  for (const Stage& stage : graph.stage_ends) {
    if (stage.node == node) return stage.name;
  }
  return graph.nodes.at(node).name;
}

}  // namespace hdecomp
