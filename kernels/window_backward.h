/// Backward through one layer for a whole level of decisions, inside their windows alone (the
/// selective backward pass). Every op reads the gradient `above` a layer and writes, or adds to,
/// the one `below` it.
#pragma once

#include "kernels/core/context.h"
#include "kernels/window_batch.h"

namespace hdecomp {

/// What is already in the batch below: nothing (the op sets every element), or another branch's
/// gradient (the op adds to it).
enum class Into { empty, sum };

/// A convolution: below = W^T above, one product per level, then each input element sums its few
/// contributions. `weight` (out, in / groups, k, k). For one-hot decisions the product is a gather
/// of W's rows.
void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernel& kernel,
                          int64_t groups, const WindowBatch& above, WindowBatch& below, Into into);

/// Max-pooling: routes to the first maximum, in row-major order, of each cell's window in the lower
/// map's `feature` (1, c, H, W), which is what the forward pass chose.
void max_pool_window_backward(const Context& context, const WindowKernel& kernel,
                              const Tensor& feature, const WindowBatch& above, WindowBatch& below,
                              Into into);

/// The identity (a residual join's shortcut): copies the overlap of the two windows.
void copy_window_backward(const Context& context, const WindowBatch& above, WindowBatch& below,
                          Into into);

/// Adaptive average pooling, whole maps on both sides.
void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       WindowBatch& below, Into into);

/// A linear layer, to the whole map below. `weight` (out, in). Rows of units without gradient
/// (inactive ones) are never read.
void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into into);

/// What a ReLU lets down: the gradient where the feature is positive (plain), or only the positive
/// gradient there (guided: Springenberg et al. 2015).
enum class ReluRule { plain, guided };

/// ReLU, in place, on the positions where `feature` (1, c, H, W) is positive; 0 elsewhere.
void relu_window_backward(const Context& context, const Tensor& feature, ReluRule rule,
                          WindowBatch& batch);

namespace cpu {
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernel&, int64_t groups,
                          const WindowBatch& above, WindowBatch& below, Into);
void max_pool_window_backward(const Context&, const WindowKernel&, const Tensor& feature,
                              const WindowBatch& above, WindowBatch& below, Into);
void copy_window_backward(const Context&, const WindowBatch& above, WindowBatch& below, Into);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above, WindowBatch& below,
                                       Into);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into);
void relu_window_backward(const Context&, const Tensor& feature, ReluRule, WindowBatch& batch);
}  // namespace cpu
namespace cuda {
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernel&, int64_t groups,
                          const WindowBatch& above, WindowBatch& below, Into);
void max_pool_window_backward(const Context&, const WindowKernel&, const Tensor& feature,
                              const WindowBatch& above, WindowBatch& below, Into);
void copy_window_backward(const Context&, const WindowBatch& above, WindowBatch& below, Into);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above, WindowBatch& below,
                                       Into);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into);
void relu_window_backward(const Context&, const Tensor& feature, ReluRule, WindowBatch& batch);
}  // namespace cuda

}  // namespace hdecomp
