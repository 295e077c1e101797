/// Maps brought from the plain layout to the one in which the forward plan keeps a node's, and
/// back.
#pragma once

#include "runtime/network/executor.h"

namespace hdecomp {

/// `plain` (n, c, h, w) as the plan's maps of `node` lie; the same memory where they lie plainly.
inline Tensor laid(const Executor& executor, int node, Tensor plain) {
  if (!executor.plan().is_laid(node)) return plain;
  Tensor to = take_tensor<float>(executor.pool(), plain.shape());
  executor.plan().lay(node, plain, to);
  return to;
}

inline Tensor unlaid(const Executor& executor, int node, Tensor laid) {
  if (!executor.plan().is_laid(node)) return laid;
  Tensor to = take_tensor<float>(executor.pool(), laid.shape());
  executor.plan().unlay(node, laid, to);
  return to;
}

}  // namespace hdecomp
