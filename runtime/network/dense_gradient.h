/// The dense backward pass of one decision over whole maps, as autograd does it. The reference that
/// windows are tested against.
#pragma once

#include "runtime/network/backward_pass.h"

namespace hdecomp {

class DenseGradient {
 public:
  /// Reads the features of `executor`'s last forward run; both must outlive it.
  DenseGradient(const Context& context, const Executor& executor)
      : pass_(context, executor), rule_(context, executor) {}

  /// Eq. 2: G = dF_from(neuron) / dF_to over the whole map of `to`, (1, c, h, w). The neuron's
  /// value must be positive, or `from` have no activation. Valid until the next call. Throws Error
  /// if `to` is not below `from`.
  const Tensor& of(int from, const Neuron& neuron, int to) {
    const Neuron own{neuron.channel, neuron.y, neuron.x, 0};
    gradient_ = pass_.run(from, {{own, 1.0f}}, to, {neuron.image, 1}, rule_);
    return gradient_;
  }

 private:
  BackwardPass pass_;
  BackwardRule rule_;
  Tensor gradient_;
};

}  // namespace hdecomp
