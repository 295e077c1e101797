/// Class graphs as JSON (tools/RESULTS_FORMAT.md).
#include "hdecomp/graph_drawing.h"

namespace hdecomp {
namespace {

void put_channel(JsonWriter& json, const std::string& layer, const GraphNode& node,
                 const ChannelConcepts* concepts) {
  json.begin_object(JsonWriter::Lines::one);
  json.field("channel", node.channel);
  json.field("trees", node.trees);
  json.field("weight", node.weight);
  const ChannelConcept* found = concepts != nullptr ? concepts->find(layer, node.channel) : nullptr;
  if (found != nullptr) {
    json.field("name", concepts->names().at(found->region).name);
    json.field("iou", found->iou);
    if (concepts->by() == ConceptsBy::patches) json.field("patches", found->mask);
  }
  json.end();
}

void put_level(JsonWriter& json, const GraphLevel& all, const GraphLevel& kept,
               const ChannelConcepts* concepts) {
  json.begin_object();
  json.field("layer", kept.layer);
  json.field("reach", kept.reach);
  json.field("held", kept.held);
  json.field("all_channels", static_cast<int64_t>(all.nodes.size()));
  json.field("all_edges", static_cast<int64_t>(all.edges.size()));
  json.key("channels");
  json.begin_array();
  for (const GraphNode& node : kept.nodes) put_channel(json, kept.layer, node, concepts);
  json.end();
  json.key("edges");
  json.begin_array();
  for (const GraphEdge& edge : kept.edges) {
    json.begin_object(JsonWriter::Lines::one);
    json.field("above", edge.above);
    json.field("below", edge.below);
    json.field("trees", edge.trees);
    json.field("weight", edge.weight);
    json.end();
  }
  json.end();
  json.end();
}

}  // namespace

void put_class_graph(JsonWriter& json, const ShownGraph& graph, const Model& model,
                     const ChannelConcepts* concepts) {
  json.begin_object();
  json.field("class", graph.kept.of);
  json.field("name", model.class_name(graph.kept.of));
  json.field("trees", graph.kept.trees);
  json.key("levels");
  json.begin_array();
  for (size_t l = 0; l < graph.kept.levels.size(); ++l) {
    put_level(json, graph.all.levels.at(l), graph.kept.levels[l], concepts);
  }
  json.end();
  json.end();
}

}  // namespace hdecomp
