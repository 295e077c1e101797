/// Whole gradient maps, node by node from the decision down: the reference for windows.
#include "runtime/network/dense_gradient.h"

#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"

namespace hdecomp {

DenseGradient::DenseGradient(const Context& context, const Executor& executor)
    : context_(context), executor_(executor), gradients_(executor.graph().nodes.size()) {}

Tensor& DenseGradient::gradient_of(int node) {
  Tensor& gradient = gradients_.at(node);
  if (gradient.data() != nullptr) return gradient;
  const FeatureShape& shape = executor_.graph().shapes.at(node);
  gradient = Tensor(context_.device(), {1, shape.channels, shape.height, shape.width});
  return gradient;
}

const Tensor& DenseGradient::of(int from, const Neuron& neuron, int to) {
  const Graph& graph = executor_.graph();
  const std::vector<bool> between = nodes_down_to(graph, from, to);
  seed(from, neuron);
  std::vector<bool> written(between.size(), false);
  for (int i = from; i > to; --i) {
    if (between[i]) backward_node(i, neuron.image, between, written);
  }
  return gradients_[to];
}

/// The neuron's gradient to its own layer: 1 at itself.
void DenseGradient::seed(int from, const Neuron& neuron) {
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
void DenseGradient::backward_node(int index, int64_t image, const std::vector<bool>& between,
                                  std::vector<bool>& written) {
  const Node& node = executor_.graph().nodes[index];
  Tensor& gradient = gradients_[index];
  if (node.activation != Activation::none) {
    activation_backward(context_, node.activation, rows(executor_.feature(index), image, image + 1),
                        gradient, gradient);
  }
  for (size_t which = 0; which < node.inputs.size(); ++which) {
    const int input = node.inputs[which];
    if (!between[input]) continue;
    Tensor& target = gradient_of(input);
    if (!written[input]) {
      backward_input(index, which, image, target);
      written[input] = true;
      continue;
    }
    if (branch_.shape() != target.shape()) branch_ = Tensor(context_.device(), target.shape());
    backward_input(index, which, image, branch_);
    add_forward(context_, target, branch_, Activation::none, target);
  }
}

void DenseGradient::backward_input(int index, size_t which, int64_t image, Tensor& target) {
  const Node& node = executor_.graph().nodes[index];
  NodeRunner& runner = executor_.runner(index);
  std::vector<Tensor> held(node.inputs.size());
  std::vector<const Tensor*> features(node.inputs.size());
  for_each_read(node, which, [&](size_t k) {
    held[k] = rows(const_cast<Tensor&>(executor_.feature(node.inputs[k])), image, image + 1);
    features[k] = &held[k];
  });
  runner.dense_backward(which, features, gradients_[index], target);
}

}  // namespace hdecomp
