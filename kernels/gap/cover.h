/// As many channels per decision as cover a share of its positive evidence.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// `alpha` (D, C) contributions, `channels` (D, N) what topk() chose of them. Of each decision's
/// channels the first stay whose alphas add up to `cover` (above 0, at most 1) of the sum of its
/// positive alphas, the one that reaches it too; the others become -1. Sums are float64.
void keep_cover(const Context& context, const Tensor& alpha, double cover, IndexTensor& channels);

namespace cpu {
void keep_cover(const Context&, const Tensor& alpha, double cover, IndexTensor& channels);
}
namespace cuda {
void keep_cover(const Context&, const Tensor& alpha, double cover, IndexTensor& channels);
}

}  // namespace hdecomp
