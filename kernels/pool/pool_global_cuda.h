/// Adaptive average pooling to one cell on CUDA: whole maps' means.
#pragma once

#include "kernels/pool/pool.h"

namespace hdecomp::cuda {

/// As adaptive_avg_pool_forward and adaptive_avg_pool_backward, where the pooled maps, `y` and
/// `dy`, have one cell.
void global_pool_forward(const Context& context, const Tensor& x, Tensor& y);
void global_pool_backward(const Context& context, const Tensor& dy, Tensor& dx);

}  // namespace hdecomp::cuda
