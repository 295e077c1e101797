/// Appending, folding and dropping nodes.
#include "weights/general/net.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "nets/op_traits.h"

namespace hdecomp::general {
namespace {

Tensor tensor_of(std::vector<int64_t> dims, const std::vector<float>& values) {
  Tensor tensor(Device{}, Shape(dims));
  if (tensor.elements() != static_cast<int64_t>(values.size())) {
    throw UserError(
        joined("weights of ", values.size(), " values where ", tensor.shape(), " are needed"));
  }
  std::ranges::copy(values, tensor.data());
  return tensor;
}

bool folds(const Node& node) {
  return node.activation == Activation::none &&
         (node.op == Op::conv || node.op == Op::linear || node.op == Op::affine ||
          node.op == Op::layer_norm);
}

}  // namespace

Net::Net(FeatureShape input, SizeBudget& budget) : budget_(budget) {
  Node node;
  node.name = "input";
  graph_.nodes.push_back(node);
  graph_.shapes.push_back(input);
  layers_.emplace_back();
}

FeatureShape Net::shape_of(const Node& node) const {
  const OpTraits& op = traits(node.op);
  std::vector<FeatureShape> inputs;
  for (const int of : node.inputs) inputs.push_back(graph_.shapes.at(of));
  const FeatureShape shape = op.shape(node, inputs);
  constexpr int64_t most = (int64_t{1} << 31) - 1;
  if (shape.height < 1 || shape.width < 1 || shape.channels > most / shape.height / shape.width) {
    throw UserError(joined("a feature of ", shape.channels, "x", shape.height, "x", shape.width));
  }
  return shape;
}

int Net::append(Op op, std::vector<int> inputs) {
  Node node;
  node.op = op;
  return append(std::move(node), std::move(inputs));
}

int Net::append(Node node, std::vector<int> inputs) {
  budget_.take(sizeof(Node), "a layer");  // some ops of a file are many nodes here
  node.inputs = std::move(inputs);
  graph_.shapes.push_back(shape_of(node));
  graph_.nodes.push_back(std::move(node));
  layers_.emplace_back();
  return graph_.scores();
}

int Net::append(Node node, std::vector<int> inputs, std::vector<float> weight,
                std::vector<float> bias) {
  const int at = append(std::move(node), std::move(inputs));
  budget_.take((weight.size() + bias.size()) * sizeof(float), "a layer's weights");
  layers_[at].weight = tensor_of(weight_dims(graph_, at), weight);
  const std::vector<int64_t> dims = bias_dims(graph_, at);
  if (dims.empty()) return at;
  if (bias.empty()) bias.assign(dims[0], 0);
  layers_[at].bias = tensor_of(dims, bias);
  return at;
}

void Net::reshape(int at) { graph_.shapes.at(at) = shape_of(node(at)); }

int Net::scaled(int at, bool sole, const std::vector<double>& scale,
                const std::vector<double>& shift) {
  if (!sole || !folds(node(at))) {
    Node affine;
    affine.op = Op::affine;
    return append(affine, {at}, std::vector<float>(scale.begin(), scale.end()),
                  std::vector<float>(shift.begin(), shift.end()));
  }
  LayerWeights& layer = layers_.at(at);
  const auto rows = static_cast<int64_t>(scale.size()), row = layer.weight.elements() / rows;
  for (int64_t i = 0; i < layer.weight.elements(); ++i) {
    layer.weight.data()[i] = static_cast<float>(layer.weight.data()[i] * scale[i / row]);
  }
  for (int64_t i = 0; i < rows; ++i) {
    layer.bias.data()[i] = static_cast<float>(layer.bias.data()[i] * scale[i] + shift[i]);
  }
  return at;
}

int Net::scaled(int at, bool sole, double scale, double shift) {
  const auto channels = static_cast<size_t>(shape(at).channels);
  return scaled(at, sole, std::vector<double>(channels, scale),
                std::vector<double>(channels, shift));
}

int Net::activated(int at, bool sole, Activation activation) {
  if (!sole || node(at).activation != Activation::none || !traits(node(at).op).activates) {
    Node affine;
    affine.op = Op::affine;
    const std::vector<float> one(shape(at).channels, 1), zero(shape(at).channels, 0);
    at = append(affine, {at}, one, zero);
  }
  node(at).activation = activation;
  return at;
}

int append_luminance(Net& net) {
  Node node;
  node.op = Op::conv;
  node.out_channels = 1;
  return net.append(node, {0}, {0.299f, 0.587f, 0.114f}, {0});
}

void drop_unread(Net& net, int scores) {
  Graph& graph = net.graph();
  std::vector<bool> read(graph.nodes.size(), false);
  read[0] = read.at(scores) = true;
  for (int i = scores; i > 0; --i) {
    if (!read[i]) continue;
    for (const int input : graph.nodes[i].inputs) read.at(input) = true;
  }
  std::vector<int> place(graph.nodes.size(), 0);
  int count = 0;
  for (int i = 0; i <= scores; ++i) {
    if (!read[i]) continue;
    place[i] = count;
    for (int& input : graph.nodes[i].inputs) input = place[input];
    if (i != count) {
      graph.nodes[count] = std::move(graph.nodes[i]);
      graph.shapes[count] = graph.shapes[i];
      net.layers()[count] = std::move(net.layers()[i]);
    }
    ++count;
  }
  graph.nodes.resize(count);
  graph.shapes.resize(count);
  net.layers().resize(count);
}

}  // namespace hdecomp::general
