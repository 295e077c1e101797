/// Max-pooling and its gradient over maps whose channels lie side by side, all of them or in
/// blocks, as oneDNN's layouts have them: (c / block, h, w, block).
#pragma once

#include "kernels/core/activation.h"
#include "kernels/pool/pool.h"

namespace hdecomp::cpu {

/// Whether max_pool_blocks() has the pool for such blocks.
bool pools_blocks(const PoolSpec& spec, int64_t block);

/// y = the maximum of each window of `x`; a NaN counts as the lowest number there is, as oneDNN's
/// pools have it. One image.
void max_pool_blocks(const Context& context, const PoolSpec& spec, int64_t block, const Tensor& x,
                     Tensor& y);

/// dx = dy at the first maximum of each window of `x`, in row-major order, summed where windows
/// overlap. One image; `block` is a multiple of 8 that divides the channels; the
/// windows are not dilated. What `passes` does not let pass at x becomes 0.
void max_pool_blocks_backward(const Context& context, const PoolSpec& spec, int64_t block,
                              Activation passes, const Tensor& x, const Tensor& dy, Tensor dx);

}  // namespace hdecomp::cpu
