/// The mean gradient over many inputs made from one image: what SmoothGrad and integrated gradients
/// share.
#pragma once

#include <functional>

#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// Writes input number `sample`, (3, h, w). Several at once may be asked for.
using WriteSample = std::function<void(int64_t sample, std::span<float> to)>;

/// The mean of the gradient of image `image`'s class score to the pixels over options.samples
/// inputs made from it, (3, h, w), summed in double precision in the samples' order: on the CPU
/// above a first convolution, which is linear. They go through the network as batches.
std::vector<double> mean_gradient(SaliencyNet& net, Classes classes, int64_t image,
                                  const SaliencyOptions& options, const WriteSample& write);

}  // namespace hdecomp
