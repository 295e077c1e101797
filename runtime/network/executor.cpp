/// The executor: one step per node of the graph, in order for forward, against it for backward.
#include "runtime/network/executor.h"

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {
Executor::Executor(const Context& context, const ModelData& model, int64_t batch)
    : context_(context),
      model_(model),
      batch_(batch),
      plan_(make_forward_plan(context)),
      pool_(std::make_shared<BufferPool>(context.device())) {
  const size_t count = model.graph.nodes.size();
  convs_.resize(count);
  linears_.resize(count);
  gradients_.resize(count);
  for (size_t i = 0; i < count; ++i) plan_node(static_cast<int>(i));
}

Shape Executor::feature_shape(int node, int64_t batch) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  return {batch, shape.channels, shape.height, shape.width};
}

void Executor::plan_node(int index) {
  const Node& node = model_.graph.nodes[index];
  if (node.op == Op::input) {
    plan_->input(feature_shape(index, batch_));
    return;
  }
  const int from = node.inputs[0];
  const FeatureShape& in = model_.graph.shapes[from];
  const LayerWeights& weights = model_.layers[index];
  switch (node.op) {
    case Op::input:
      break;
    case Op::conv:
      plan_->conv(from, conv_spec(node, in, batch_), weights.weight, weights.bias);
      break;
    case Op::linear:
      plan_->linear(from, linear_spec(node, in, batch_), weights.weight, weights.bias);
      break;
    case Op::max_pool:
      plan_->max_pool(from, pool_spec(node));
      break;
    case Op::adaptive_avg_pool:
      plan_->adaptive_avg_pool(from, node.pool_size, node.pool_size);
      break;
    case Op::add:
      plan_->add(from, node.inputs[1], node.relu);
      break;
  }
}

void Executor::forward(const Tensor& images) {
  const int64_t count = images.shape().rank() == 4 ? images.shape()[0] : 0;
  if (count < 1 || count > batch_ || images.shape() != feature_shape(0, count)) {
    throw Error(text("the images have shape ", images.shape(), ", expected ",
                     feature_shape(0, batch_), " or fewer of them"));
  }
  plan_->run(images);
}

float Executor::value(int node, const Neuron& neuron) const {
  return values(node, {&neuron, 1}).front();
}

std::vector<float> Executor::values(int node, std::span<const Neuron> neurons) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  const float* features = feature(node).data();
  const auto place = [&](const Neuron& neuron) {
    const int64_t plane = neuron.image * shape.channels + neuron.channel;
    return (plane * shape.height + neuron.y) * shape.width + neuron.x;
  };
  std::vector<float> values(neurons.size());
  // Many small copies from a GPU take longer than one of some hundred kilobytes.
  if (neurons.size() > 4 && shape.elements() <= int64_t{1} << 14) {
    const Tensor host = on_host(context_, feature(node));
    context_.finish();
    for (size_t i = 0; i < neurons.size(); ++i) values[i] = host.data()[place(neurons[i])];
    return values;
  }
  for (size_t i = 0; i < neurons.size(); ++i) {
    copy_bytes(context_, features + place(neurons[i]), &values[i], sizeof(float));
  }
  context_.finish();
  return values;
}

Tensor& Executor::gradient_of(int node) {
  Tensor& gradient = gradients_.at(node);
  if (gradient.data() == nullptr) gradient = Tensor(context_.device(), feature_shape(node, 1));
  return gradient;
}

const Tensor& Executor::gradient(int from, const Neuron& neuron, int to) {
  const std::vector<bool> between = nodes_between(model_.graph, from, to);
  if (from == to || !between.at(from)) {
    throw Error(text("layer ", model_.graph.nodes.at(to).name, " is not below ",
                     model_.graph.nodes.at(from).name));
  }
  seed(from, neuron);
  std::vector<bool> written(between.size(), false);
  for (int i = from; i > to; --i) {
    if (between[i]) backward_node(i, neuron.image, between, written);
  }
  return gradients_[to];
}

/// The neuron's gradient to its own layer: 1 at itself.
void Executor::seed(int from, const Neuron& neuron) {
  Tensor& seed = gradient_of(from);
  const Shape& shape = seed.shape();
  const float one = 1;
  clear(context_, seed);
  copy_bytes(context_, &one,
             seed.data() + (neuron.channel * shape[2] + neuron.y) * shape[3] + neuron.x,
             sizeof one);
  context_.finish();
}

/// Carries node `index`'s gradient to those of its inputs that lie on the way; where branches join
/// again their gradients add up.
void Executor::backward_node(int index, int64_t image, const std::vector<bool>& between,
                             std::vector<bool>& written) {
  const Node& node = model_.graph.nodes[index];
  Tensor& gradient = gradients_[index];
  if (node.relu) {
    relu_backward(context_, rows(feature(index), image, image + 1), gradient, gradient);
  }
  for (const int input : node.inputs) {
    if (!between[input]) continue;
    Tensor& target = gradient_of(input);
    if (!written[input]) {
      backward_op(index, image, target);
      written[input] = true;
      continue;
    }
    if (branch_.shape() != target.shape()) branch_ = Tensor(context_.device(), target.shape());
    backward_op(index, image, branch_);
    add_forward(context_, target, branch_, false, target);
  }
}

void Executor::backward_op(int index, int64_t image, Tensor& target) {
  const Node& node = model_.graph.nodes[index];
  const FeatureShape& in = model_.graph.shapes[node.inputs.at(0)];
  const LayerWeights& weights = model_.layers[index];
  const Tensor& gradient = gradients_[index];
  switch (node.op) {
    case Op::input:
      throw Error("the input image has no layer below it");
    case Op::conv:
      if (!convs_[index]) {
        convs_[index] = make_conv(context_, conv_spec(node, in, 1), weights.weight, weights.bias);
      }
      return convs_[index]->backward_data(gradient, target);
    case Op::linear:
      if (!linears_[index]) {
        linears_[index] =
            make_linear(context_, linear_spec(node, in, 1), weights.weight, weights.bias);
      }
      return linears_[index]->backward_data(gradient, target);
    case Op::max_pool: {
      Tensor pooled(context_.device(), gradient.shape());
      IndexTensor argmax(context_.device(), gradient.shape());
      max_pool_forward(context_, pool_spec(node), rows(feature(node.inputs[0]), image, image + 1),
                       pooled, argmax);
      return max_pool_backward(context_, pool_spec(node), gradient, argmax, target);
    }
    case Op::adaptive_avg_pool:
      return adaptive_avg_pool_backward(context_, gradient, target);
    case Op::add:
      return copy(context_, gradient, target);
  }
  throw Error(text("layer ", node.name, ": unknown op"));
}

}  // namespace hdecomp
