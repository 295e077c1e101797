/// Affine nodes put into a graph, and all that names nodes moved along.
#include "weights/model/filled_channels.h"

#include <algorithm>
#include <utility>

#include "hdecomp/error.h"
#include "weights/model/borrowed_model.h"

namespace hdecomp {
namespace {

LayerWeights constants(int64_t channels, const FilledNode& filled) {
  LayerWeights layer{Tensor(Device{}, {channels}), Tensor(Device{}, {channels})};
  std::ranges::fill(layer.weight.span(), 1.0f);
  std::ranges::fill(layer.bias.span(), 0.0f);
  for (size_t i = 0; i < filled.channels.size(); ++i) {
    const int32_t channel = filled.channels[i];
    if (channel < 0 || channel >= channels) throw Error(joined("no channel ", channel));
    layer.weight.data()[channel] = 0;
    layer.bias.data()[channel] = filled.values.at(i);
  }
  return layer;
}

/// The node behind `node`, called as it was.
Node behind(Node& node, int at) {
  Node filled;
  filled.op = Op::affine;
  filled.name = std::exchange(node.name, node.name + " before");
  filled.torchvision = std::exchange(node.torchvision, {});
  filled.keras = std::exchange(node.keras, {});
  filled.inputs = {at};
  return filled;
}

}  // namespace

std::shared_ptr<const ModelData> with_filled_channels(const std::shared_ptr<const ModelData>& model,
                                                      std::span<const FilledNode> filled) {
  const std::shared_ptr<ModelData> result = described_as(model);
  const Graph& old = model->graph;
  Graph& graph = result->graph;
  graph.arch = old.arch;
  graph.has_scores = old.has_scores;
  std::vector<int> now(old.nodes.size());  // where a node's output is read
  for (size_t i = 0; i < old.nodes.size(); ++i) {
    Node node = old.nodes[i];
    for (int& input : node.inputs) input = now.at(input);
    graph.nodes.push_back(std::move(node));
    graph.shapes.push_back(old.shapes[i]);
    result->layers.push_back(borrowed(model->layers[i]));
    const auto of_node = std::ranges::find(filled, static_cast<int>(i), &FilledNode::node);
    if (of_node != filled.end()) {
      graph.nodes.push_back(behind(graph.nodes.back(), graph.scores()));
      graph.shapes.push_back(old.shapes[i]);
      result->layers.push_back(constants(old.shapes[i].channels, *of_node));
    }
    now[i] = graph.scores();
  }
  for (Stage stage : old.stage_ends) {
    stage.node = now[stage.node];
    graph.stage_ends.push_back(stage);
  }
  return result;
}

}  // namespace hdecomp
