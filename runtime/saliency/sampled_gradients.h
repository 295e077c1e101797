/// The mean gradient over many inputs made from one image: what SmoothGrad and integrated gradients
/// share.
#pragma once

#include <functional>

#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// Writes input number `sample`, (3, h, w). Several at once may be asked for.
using WriteSample = std::function<void(int64_t sample, std::span<float> to)>;

/// By turn: the mean of the gradient of image `image`'s class score to the pixels over
/// options.samples inputs made from it, (3, h, w), summed in double precision in the samples'
/// order: on the CPU above a first convolution, which is linear. They go through the networks as
/// batches, each batch through all of them, so that these may have features in common
/// (SaliencyTurn::first).
std::vector<std::vector<double>> mean_gradients(Turns turns, int64_t image,
                                                const SaliencyOptions& options,
                                                const WriteSample& write);

/// What that holds for each turn.
int64_t gradient_sum_bytes(const SaliencyNet& net);

}  // namespace hdecomp
