/// Whole gradient maps of many images, node by node from the decisions down.
#include "runtime/network/backward_pass.h"

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/relevance.h"

namespace hdecomp {

Tensor BackwardRule::feature(int node, const Images& images) const {
  return rows(const_cast<Tensor&>(executor_.feature(node)), images.first,
              images.first + images.count);
}

void BackwardRule::enter(int node, const Images& images, Tensor& gradient) {
  const Activation activation = graph().nodes[node].activation;
  if (activation == Activation::none) return;
  activation_backward(context_, activation, feature(node, images), gradient, gradient);
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

void GuidedRule::enter(int node, const Images& images, Tensor& gradient) {
  BackwardRule::enter(node, images, gradient);
  if (graph().nodes[node].activation == Activation::none) return;
  keep_part(context(), Part::positive, gradient, gradient);
}

Tensor BackwardPass::take(int node, int64_t images) const {
  const FeatureShape& shape = executor_.graph().shapes.at(node);
  return take_tensor<float>(executor_.pool(), {images, shape.channels, shape.height, shape.width});
}

/// Each neuron's weight at its place, 0 elsewhere; the weights of one met twice add up.
Tensor BackwardPass::seeded(int from, const std::vector<Seed>& seeds, int64_t images) const {
  const FeatureShape& shape = executor_.graph().shapes.at(from);
  Tensor host({}, {images, shape.channels, shape.height, shape.width});
  std::ranges::fill(host.span(), 0.0f);
  for (const auto& [neuron, weight] : seeds) {
    const auto in = [](int64_t at, int64_t size) { return at >= 0 && at < size; };
    if (!in(neuron.image, images) || !in(neuron.channel, shape.channels) ||
        !in(neuron.y, shape.height) || !in(neuron.x, shape.width)) {
      throw Error(joined("a seed outside ", executor_.graph().nodes[from].name));
    }
    const int64_t plane = neuron.image * shape.channels + neuron.channel;
    host.data()[(plane * shape.height + neuron.y) * shape.width + neuron.x] += weight;
  }
  Tensor seed = take(from, images);
  copy(context_, host, seed);
  context_.finish();
  return seed;
}

Tensor BackwardPass::run(int from, const std::vector<Seed>& seeds, int to, const Images& images,
                         BackwardRule& rule, const Visit& visit) {
  const Graph& graph = executor_.graph();
  const std::vector<bool> between = nodes_down_to(graph, from, to);
  std::vector<Tensor> gradients(graph.nodes.size());
  gradients[from] = seeded(from, seeds, images.count);
  for (int node = from; node > to; --node) {
    if (!between[node]) continue;
    Tensor gradient = std::move(gradients[node]);
    if (visit && node != from) visit(node, gradient);
    rule.enter(node, images, gradient);
    const std::vector<int>& inputs = graph.nodes[node].inputs;
    for (size_t which = 0; which < inputs.size(); ++which) {
      Tensor& target = gradients[inputs[which]];
      if (!between[inputs[which]]) continue;
      const bool first = target.data() == nullptr;
      Tensor branch = take(inputs[which], images.count);
      rule.carry(node, which, images, gradient, branch);
      if (first) {
        target = std::move(branch);
      } else {  // where branches join again their gradients add up
        add_forward(context_, target, branch, Activation::none, target);
      }
    }
  }
  if (visit) visit(to, gradients[to]);
  return std::move(gradients[to]);
}

}  // namespace hdecomp
