/// The executor: one step per node of the graph, in order for forward, against it for backward.
#include "runtime/executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hdecomp/error.h"
#include "kernels/elementwise.h"

namespace hdecomp {
namespace {

PoolSpec pool_spec(const Node& node) {
  return {node.kernel, node.kernel, node.stride, node.stride, node.pad, node.pad};
}

ConvSpec conv_spec(const Node& node, const FeatureShape& in) {
  ConvSpec spec;
  spec.in_channels = in.channels;
  spec.height = in.height;
  spec.width = in.width;
  spec.out_channels = node.out_channels;
  spec.kernel_h = spec.kernel_w = node.kernel;
  spec.stride_h = spec.stride_w = node.stride;
  spec.pad_h = spec.pad_w = node.pad;
  spec.groups = node.groups;
  spec.relu = node.relu;
  return spec;
}

void copy(const Tensor& from, Tensor& to) {
  std::memcpy(to.data(), from.data(), from.elements() * sizeof(float));
}

}  // namespace

Executor::Executor(const Context& context, const ModelData& model)
    : context_(context), model_(model) {
  const size_t count = model.graph.nodes.size();
  features_.resize(count);
  argmax_.resize(count);
  convs_.resize(count);
  linears_.resize(count);
  gradients_.resize(count);
  for (size_t i = 0; i < count; ++i) plan_node(static_cast<int>(i));
}

Shape Executor::feature_shape(int node) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  return {1, shape.channels, shape.height, shape.width};
}

void Executor::plan_node(int index) {
  const Node& node = model_.graph.nodes[index];
  features_[index] = Tensor(context_.device(), feature_shape(index));
  if (node.op == Op::max_pool) {
    argmax_[index] = IndexTensor(context_.device(), feature_shape(index));
  }
  if (!has_weights(node)) return;
  const FeatureShape& in = model_.graph.shapes[node.inputs[0]];
  const LayerWeights& weights = model_.layers[index];
  if (node.op == Op::conv) {
    convs_[index] = make_conv(context_, conv_spec(node, in), weights.weight, weights.bias);
  } else {
    linears_[index] = make_linear(context_, {1, in.elements(), node.out_channels, node.relu},
                                  weights.weight, weights.bias);
  }
}

void Executor::forward(const Tensor& image) {
  const Graph& graph = model_.graph;
  if (image.shape() != feature_shape(0)) {
    throw Error(text("the image has shape ", image.shape(), ", expected ", feature_shape(0)));
  }
  copy(image, features_[0]);
  for (int i = 1; i <= graph.scores(); ++i) {
    const Node& node = graph.nodes[i];
    const Tensor& in = features_[node.inputs[0]];
    Tensor& out = features_[i];
    switch (node.op) {
      case Op::input:
        break;
      case Op::conv:
        convs_[i]->forward(in, out);
        break;
      case Op::linear:
        linears_[i]->forward(in, out);
        break;
      case Op::max_pool:
        max_pool_forward(context_, pool_spec(node), in, out, argmax_[i]);
        break;
      case Op::adaptive_avg_pool:
        adaptive_avg_pool_forward(context_, in, out);
        break;
      case Op::add:
        add_forward(context_, in, features_[node.inputs[1]], node.relu, out);
        break;
    }
  }
  const auto scores = features_.back().span();
  const auto bad = std::ranges::find_if(scores, [](float v) { return !std::isfinite(v); });
  if (bad != scores.end()) {
    throw UserError(text("the score of class ", bad - scores.begin(), " is ", *bad,
                         "; the model's weights overflow on this image"));
  }
}

float Executor::value(int node, const Neuron& neuron) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  return features_.at(node)
      .data()[(neuron.channel * shape.height + neuron.y) * shape.width + neuron.x];
}

Tensor& Executor::gradient_of(int node) {
  Tensor& gradient = gradients_.at(node);
  if (gradient.data() == nullptr) gradient = Tensor(context_.device(), feature_shape(node));
  return gradient;
}

const Tensor& Executor::gradient(int from, const Neuron& neuron, int to) {
  const std::vector<bool> between = nodes_between(model_.graph, from, to);
  if (from == to || !between.at(from)) {
    throw Error(text("layer ", model_.graph.nodes.at(to).name, " is not below ",
                     model_.graph.nodes.at(from).name));
  }
  Tensor& seed = gradient_of(from);
  const Shape& shape = seed.shape();
  std::ranges::fill(seed.span(), 0.0f);
  seed.data()[(neuron.channel * shape[2] + neuron.y) * shape[3] + neuron.x] = 1.0f;

  std::vector<bool> written(between.size(), false);
  for (int i = from; i > to; --i) {
    if (between[i]) backward_node(i, between, written);
  }
  return gradients_[to];
}

/// Carries node `index`'s gradient to those of its inputs that lie on the way; where branches join
/// again their gradients add up.
void Executor::backward_node(int index, const std::vector<bool>& between,
                             std::vector<bool>& written) {
  const Node& node = model_.graph.nodes[index];
  Tensor& gradient = gradients_[index];
  if (node.relu) relu_backward(context_, features_[index], gradient, gradient);
  for (const int input : node.inputs) {
    if (!between[input]) continue;
    Tensor& target = gradient_of(input);
    if (!written[input]) {
      backward_op(index, target);
      written[input] = true;
      continue;
    }
    if (branch_.shape() != target.shape()) branch_ = Tensor(context_.device(), target.shape());
    backward_op(index, branch_);
    add_forward(context_, target, branch_, false, target);
  }
}

void Executor::backward_op(int index, Tensor& target) {
  const Node& node = model_.graph.nodes[index];
  const Tensor& gradient = gradients_[index];
  switch (node.op) {
    case Op::input:
      throw Error("the input image has no layer below it");
    case Op::conv:
      convs_[index]->backward_data(gradient, target);
      return;
    case Op::linear:
      linears_[index]->backward_data(gradient, target);
      return;
    case Op::max_pool:
      max_pool_backward(context_, pool_spec(node), gradient, argmax_[index], target);
      return;
    case Op::adaptive_avg_pool:
      adaptive_avg_pool_backward(context_, gradient, target);
      return;
    case Op::add:
      copy(gradient, target);
      return;
  }
  throw Error(text("layer ", node.name, ": unknown op"));
}

}  // namespace hdecomp
