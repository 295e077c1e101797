/// The dense backward pass: one decision over whole maps, as autograd does it. The reference that
/// windows are tested against.
#pragma once

#include <vector>

#include "runtime/network/executor.h"

namespace hdecomp {

class DenseGradient {
 public:
  /// Reads the features of `executor`'s last forward run; both must outlive it.
  DenseGradient(const Context& context, const Executor& executor);

  /// Eq. 2: G = dF_from(neuron) / dF_to over the whole map of `to`, (1, c, h, w). The neuron's
  /// value must be positive, or `from` have no activation. Valid until the next call. Throws Error
  /// if `to` is not below `from`.
  const Tensor& of(int from, const Neuron& neuron, int to);

 private:
  Tensor& gradient_of(int node);
  void seed(int from, const Neuron& neuron);
  void backward_node(int index, int64_t image, const std::vector<bool>& between,
                     std::vector<bool>& written);
  void backward_input(int index, size_t which, int64_t image, Tensor& target);

  const Context& context_;
  const Executor& executor_;
  std::vector<Tensor> gradients_;  // one per node, made when first needed
  Tensor branch_;                  // a second branch's gradient, before it is added to the first's
};

}  // namespace hdecomp
