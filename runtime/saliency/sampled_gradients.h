/// The mean gradient over many inputs made from one image: what SmoothGrad and integrated gradients
/// share.
#pragma once

#include <functional>

#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// Writes input number `sample`, (3, h, w).
using WriteSample = std::function<void(int64_t sample, std::span<float> to)>;

/// The mean of the class score's gradient to the pixels over `samples` inputs, (3, h, w), summed in
/// double precision in the samples' order. They go through the network as batches.
std::vector<double> mean_gradient(SaliencyNet& net, int64_t class_index, int64_t samples,
                                  const WriteSample& write);

}  // namespace hdecomp
