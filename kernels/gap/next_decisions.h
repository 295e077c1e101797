/// The chosen channels of a level as the decisions of the next: each channel's peak (Eq. 5) becomes
/// a place.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// For D decisions `above`, of which decision d chose `channels` (D, N) with peaks at `positions`
/// (D, C) (y * w + x, -1 for none) in the layer whose features are `feature` (B, C, H, W): `values`
/// (D, N) = F at each peak (0 where there is no channel), and `next` (D * N) = its place, with
/// image -1 where there is no channel or F is not positive (Eq. 1: only F > 0 is decomposed).
void next_decisions(const Context& context, std::span<const Place> above,
                    const IndexTensor& channels, const IndexTensor& positions,
                    const Tensor& feature, Tensor& values, PlaceTensor& next);

namespace cpu {
void next_decisions(const Context&, std::span<const Place> above, const IndexTensor& channels,
                    const IndexTensor& positions, const Tensor& feature, Tensor& values,
                    PlaceTensor& next);
}
namespace cuda {
void next_decisions(const Context&, std::span<const Place> above, const IndexTensor& channels,
                    const IndexTensor& positions, const Tensor& feature, Tensor& values,
                    PlaceTensor& next);
}

}  // namespace hdecomp
