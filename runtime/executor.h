/// Runs a network: forward, keeping every feature, and backward from one neuron (the dense
/// reference).
#pragma once

#include <memory>
#include <vector>

#include "kernels/forward_plan.h"
#include "weights/model_file.h"

namespace hdecomp {

/// One feature of a layer: F(channel, y, x). A class score is channel c at (0, 0).
struct Neuron {
  int64_t channel = 0, y = 0, x = 0;
  auto operator<=>(const Neuron&) const = default;
};

/// Planned once for a model and batch 1. The context and the model must outlive it.
class Executor {
 public:
  Executor(const Context& context, const ModelData& model);

  /// Computes every node's output for an image (1, 3, size, size), already normalised. Throws
  /// UserError if a class score is not finite.
  void forward(const Tensor& image);

  /// The output of a node in the last forward run, (1, c, h, w), after its ReLU; brought to this
  /// plain layout when it is first asked for.
  const Tensor& feature(int node) const;
  float value(int node, const Neuron& neuron) const;

  /// Eq. 2: G = dF_from(neuron) / dF_to over the whole map of `to`, (1, c, h, w). The neuron's
  /// value must be positive, or `from` have no ReLU. Valid until the next call. Throws Error if
  /// `to` is not below `from`.
  const Tensor& gradient(int from, const Neuron& neuron, int to);

 private:
  void plan_node(int index);
  Shape feature_shape(int node) const;
  Tensor& gradient_of(int node);
  void backward_node(int index, const std::vector<bool>& between, std::vector<bool>& written);
  void backward_op(int index, Tensor& target);

  const Context& context_;
  const ModelData& model_;
  std::unique_ptr<ForwardPlan> plan_;  // its steps are the graph's nodes
  mutable std::vector<Tensor> features_;
  mutable std::vector<bool> read_;  // which features_ are the last run's
  // The dense backward pass; made when first needed.
  std::vector<std::unique_ptr<Conv>> convs_;
  std::vector<std::unique_ptr<Linear>> linears_;
  std::vector<Tensor> gradients_;
  Tensor branch_;  // a second branch's gradient, before it is added to the first's
};

}  // namespace hdecomp
