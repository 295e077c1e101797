/// Whether a network stayed inside the numbers of its type on an image. Fused ReLUs and max-pools
/// turn NaN into plausible features, so the scores do not tell.
#pragma once

#include <functional>

#include "runtime/network/forward_run.h"
#include "runtime/network/overflow_bounds.h"

namespace hdecomp {

/// Costs a forward pass nothing where no feature can overflow, and else one kernel over a few
/// layers. The context, the models and the executor must outlive it.
class OverflowCheck {
 public:
  /// `there` is the executor's model, `on_host` the same on the host. Throws UserError that names
  /// the layer for a weight that the context's precision has no number for.
  OverflowCheck(const Context& context, const ModelData& on_host, const ModelData& there,
                Executor& executor);

  /// Throws ImageError that names the first layer of which a feature of `image`, in a run that was
  /// waited for, is not finite before its ReLU. Where the magnitudes leave a doubt, the image goes
  /// through the layers one by one: `input`, (1, 3, size, size) on the device, is asked for then
  /// alone. `largest` bounds the image's values where they may be larger than normalised pixels.
  void require_finite(const ForwardRun& run, int64_t image, const std::function<Tensor()>& input,
                      double largest = 0) const;

 private:
  const Context& context_;
  const ModelData& model_;
  OverflowBounds bounds_;
};

}  // namespace hdecomp
