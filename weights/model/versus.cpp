/// A linear layer over the class scores: 1 for one class, -1 for the other.
#include "weights/model/versus.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/model/borrowed_model.h"

namespace hdecomp {
namespace {

/// (2, classes): the difference, and minus it.
LayerWeights difference(int64_t classes, int64_t one, int64_t other) {
  LayerWeights layer{Tensor(Device{}, {2, classes}), Tensor(Device{}, {2})};
  std::ranges::fill(layer.weight.span(), 0.0f);
  std::ranges::fill(layer.bias.span(), 0.0f);
  layer.weight.data()[one] = layer.weight.data()[classes + other] = 1;
  layer.weight.data()[other] = layer.weight.data()[classes + one] = -1;
  return layer;
}

std::string name_of(const ModelData& model, int64_t index) {
  if (index < std::ssize(model.classes)) return model.classes[index];
  return joined("class ", index);
}

}  // namespace

std::shared_ptr<const ModelData> versus(const std::shared_ptr<const ModelData>& model, int64_t one,
                                        int64_t other) {
  const std::shared_ptr<ModelData> result = described_as(model);
  result->params.classes = 1;
  result->wnids.clear();  // a difference has none
  result->graph = model->graph;
  for (const LayerWeights& layer : model->layers) result->layers.push_back(borrowed(layer));
  Graph& graph = result->graph;
  const int scores = graph.scores();
  Node node;
  node.op = Op::linear;
  node.name = "versus";
  node.inputs = {scores};
  node.out_channels = 2;
  graph.nodes.push_back(node);
  graph.shapes.push_back({2, 1, 1});
  result->layers.push_back(difference(graph.shapes[scores].channels, one, other));
  const std::string first = name_of(*model, one), second = name_of(*model, other);
  result->classes = {first + " - " + second};
  result->other_side = second + " - " + first;
  return result;
}

int own_scores(const ModelData& model) {
  return model.graph.scores() - (model.other_side.empty() ? 0 : 1);
}

}  // namespace hdecomp
