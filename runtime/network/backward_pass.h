/// The dense backward pass: of many images at once, from weighted neurons of one layer to a whole
/// layer below, node by node. What a node does to what comes down is a rule: the gradient's, guided
/// backpropagation's, or a relevance's.
#pragma once

#include <functional>
#include <vector>

#include "runtime/network/backward_rule.h"

namespace hdecomp {

/// A neuron and how much of it is gone down from; `image` counts within the pass.
struct Seed {
  Neuron neuron;
  float weight = 1;
};

class BackwardPass {
 public:
  /// Reads the features of `executor`'s last forward run; both must outlive it.
  BackwardPass(const Context& context, const Executor& executor)
      : context_(context), executor_(executor) {}

  using Images = BackwardRule::Images;
  /// Called with the whole gradient, (n, c, h, w), of each of those nodes before it goes on.
  struct Visit {
    std::vector<int> nodes;
    std::function<void(int node, const Tensor& gradient)> body;
  };

  /// (images.count, c, h, w): for each image the gradient of the sum of its seeds, neurons of layer
  /// `from`, times their weights, to the output of layer `to`. As the seeds are told to be, they
  /// are outputs: `from`'s activation passes them where it passes their feature. From the
  /// executor's pool, as is all that it works in; each layer's gradient goes as soon as it has been
  /// carried on. Waits for nothing but the seeds' copy. Throws Error if `to` is not below `from`.
  Tensor run(int from, const std::vector<Seed>& seeds, int to, const Images& images,
             BackwardRule& rule, const Visit& visit = {});

  /// Called with maps (n, c, h, w) of one or more images, in their order.
  using Take = std::function<void(const Tensor& maps)>;
  /// The same to the sums before `to`'s activation, as the forward plan lays its maps.
  void run_to_sums(int from, const std::vector<Seed>& seeds, int to, const Images& images,
                   BackwardRule& rule, const Take& take);
  /// One image's gradient of node `from`'s sums, (1, c, h, w), as run_to_sums() gives it, to its
  /// input `to`, plain. Reads no features where `from` is a convolution.
  Tensor run_from_sums(int from, Tensor gradient, int to, BackwardRule& rule);

 private:
  /// Gradients of the images of a run, by node; those that are laid lie as the plan's outputs.
  class Run;

  /// From `from` down to `to`, whose own step it does not take.
  void go_down(Run& run, int from, int to, const Visit& visit) const;
  /// The same from the top, then `end` with all images or, where they go deep, with each.
  void go_down_deep(Run& run, int from, int to, const Visit& visit,
                    const std::function<void(Run& run)>& end) const;
  Tensor take(int node, int64_t images) const;
  Tensor seeded(int from, const std::vector<Seed>& seeds, int64_t images) const;

  const Context& context_;
  const Executor& executor_;
};

}  // namespace hdecomp
