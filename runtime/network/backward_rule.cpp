/// The gradient's rule and guided backpropagation's.
#include "runtime/network/backward_rule.h"

#include "kernels/map/elementwise.h"
#include "kernels/map/relevance.h"

namespace hdecomp {

Tensor BackwardRule::feature(int node, const Images& images) const {
  return rows(const_cast<Tensor&>(executor_.feature(node)), images.first,
              images.first + images.count);
}

void BackwardRule::pass(Activation activation, const Tensor& feature, Tensor& gradient) const {
  activation_backward(context_, activation, feature, gradient, gradient);
}

void BackwardRule::enter(int node, const Images& images, Tensor& gradient) {
  const Activation activation = graph().nodes[node].activation;
  if (activation != Activation::none) pass(activation, feature(node, images), gradient);
}

void BackwardRule::carry(int node, size_t which, const Images& images, const Tensor& gradient,
                         Tensor& target) {
  carry_by(executor_.runner(node), node, which, images, gradient, target);
}

void BackwardRule::carry_by(NodeRunner& runner, int node, size_t which, const Images& images,
                            const Tensor& gradient, Tensor& target) const {
  const std::vector<int>& inputs = graph().nodes[node].inputs;
  std::vector<Tensor> held(inputs.size());
  std::vector<const Tensor*> features(inputs.size());
  for_each_read(graph().nodes[node], which, [&](size_t k) {
    held[k] = feature(inputs[k], images);
    features[k] = &held[k];
  });
  runner.dense_backward(which, features, gradient, target);
}

void GuidedRule::pass(Activation activation, const Tensor& feature, Tensor& gradient) const {
  BackwardRule::pass(activation, feature, gradient);
  keep_part(context(), Part::positive, gradient, gradient);
}

}  // namespace hdecomp
