/// The activation maps A = G * F (Eq. 3) of each decision's chosen channels, over the whole map.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// `maps` (D, N, H, W): row n is the map of channel `channels` (D, N) of decision d; zero outside
/// the window, and all of it where the channel is -1. `feature` (B, C, H, W).
void activation_maps(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps);

namespace cpu {
void activation_maps(const Context&, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps);
}
namespace cuda {
void activation_maps(const Context&, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps);
}

}  // namespace hdecomp
