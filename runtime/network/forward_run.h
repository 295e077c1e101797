/// A forward pass that the device works on, and its class scores on their way to the host.
#pragma once

#include <memory>
#include <span>

#include "kernels/core/mark.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {

struct ForwardRun {
  // On the host, complete once `read` is reached: (B, K), (B, K), Executor::magnitudes(). The first
  // two are empty where the network has features alone.
  Tensor scores, probabilities, magnitudes;
  std::unique_ptr<Mark> begun, done, read;  // around the pass; behind the copies

  /// Of the pass alone, once it was waited for.
  double ms() const { return done->ms_since(*begun); }
};

/// The scores as a matrix (B, K) in the executor's memory.
Tensor class_scores(const Executor& executor);

/// An image's row of a matrix of scores on the host.
inline std::span<const float> scores_of(const Tensor& scores, int64_t image) {
  const int64_t classes = scores.shape()[1];
  return scores.span().subspan(image * classes, classes);
}

/// Runs the network on `images` and the softmax into `probabilities` (B, K) on the device; waits
/// for nothing. The host's memory is `host_pool`'s.
ForwardRun start_forward(const Context& context, Executor& executor, const Tensor& images,
                         Tensor& probabilities, BufferPool& host_pool,
                         Wanted wanted = Wanted::features);

}  // namespace hdecomp
