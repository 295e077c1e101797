/// What a node does to what comes down to it in a backward pass: the gradient's rule, and guided
/// backpropagation's. Relevances' are in saliency/.
#pragma once

#include "runtime/network/executor.h"

namespace hdecomp {

/// Eq. 2's: the gradient.
class BackwardRule {
 public:
  BackwardRule(const Context& context, const Executor& executor)
      : context_(context), executor_(executor) {}
  virtual ~BackwardRule() = default;

  /// The images of the executor's last run that are gone through, from the first on.
  struct Images {
    int64_t first = 0, count = 1;
  };

  /// A node's whole gradient (n, c, h, w), in place: from its output to the sums before its
  /// activation.
  virtual void enter(int node, const Images& images, Tensor& gradient);
  /// Whether that hangs on single numbers of the feature alone, by pass(), and carry() is the
  /// gradient's: then maps may lie in the forward plan's layouts.
  virtual bool takes_any_layout() const { return true; }
  /// Whether enter() is the gradient of the activation and nothing more.
  virtual bool enters_as_gradient() const { return true; }
  /// The same, of a feature that lies as the gradient does.
  virtual void pass(Activation activation, const Tensor& feature, Tensor& gradient) const;
  /// From there to input number `which`, all of `target` (n, c, h, w).
  virtual void carry(int node, size_t which, const Images& images, const Tensor& gradient,
                     Tensor& target);

 protected:
  const Context& context() const { return context_; }
  const Executor& executor() const { return executor_; }
  const Graph& graph() const { return executor_.graph(); }
  /// A node's output of those images.
  Tensor feature(int node, const Images& images) const;
  /// The node's own way down, by `runner`.
  void carry_by(NodeRunner& runner, int node, size_t which, const Images& images,
                const Tensor& gradient, Tensor& target) const;

 private:
  const Context& context_;
  const Executor& executor_;
};

/// Guided backpropagation (Springenberg et al. 2015): what is negative ends at ReLU and ReLU6.
class GuidedRule final : public BackwardRule {
 public:
  using BackwardRule::BackwardRule;
  bool enters_as_gradient() const override { return false; }
  void pass(Activation activation, const Tensor& feature, Tensor& gradient) const override;
};

}  // namespace hdecomp
