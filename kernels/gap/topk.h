/// The supporting channels of each decision: the N largest positive contributions.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// `alpha` (D, C) contributions; `channels` (D, N) receives, for each decision, the channels with
/// alpha > 0 by falling alpha, ties to the lower channel, and -1 where there are fewer than N.
void topk(const Context& context, const Tensor& alpha, IndexTensor& channels);

namespace cpu {
void topk(const Context&, const Tensor& alpha, IndexTensor& channels);
}
namespace cuda {
void topk(const Context&, const Tensor& alpha, IndexTensor& channels);
}

}  // namespace hdecomp
