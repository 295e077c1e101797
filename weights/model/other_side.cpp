/// Doubling the last layer of a network of one output.
#include "weights/model/other_side.h"

#include <algorithm>
#include <functional>

namespace hdecomp {
namespace {

/// A tensor of one row, and below it its negative.
Tensor with_negative(const Tensor& row) {
  std::vector<int64_t> dims = row.shape().dims();
  dims[0] = 2;
  Tensor both(Device{}, Shape(dims));
  std::ranges::copy(row.span(), both.data());
  std::ranges::transform(row.span(), both.data() + row.elements(), std::negate<>());
  return both;
}

}  // namespace

void add_other_side(ModelData& model) {
  Graph& graph = model.graph;
  if (model.params.classes != 1 || graph.shapes.back() != FeatureShape{1, 1, 1}) return;
  Node& last = graph.nodes.back();
  if ((last.op != Op::conv && last.op != Op::linear) || last.activation != Activation::none ||
      last.groups != 1)
    return;
  LayerWeights& layer = model.layers.back();
  layer.weight = with_negative(layer.weight);
  layer.bias = with_negative(layer.bias);
  last.out_channels = graph.shapes.back().channels = 2;
}

bool has_other_side(const ModelData& model) {
  return model.params.classes == 1 && model.graph.shapes.back().channels == 2;
}

}  // namespace hdecomp
