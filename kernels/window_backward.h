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

/// Max-pooling: routes to the forward pass's `argmax` (1, c, h, w), positions in the lower map.
void max_pool_window_backward(const Context& context, const WindowKernel& kernel,
                              const IndexTensor& argmax, const WindowBatch& above,
                              WindowBatch& below, Into into);

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

/// ReLU, in place: the gradient stays where `feature` (1, c, H, W) is positive.
void relu_window_backward(const Context& context, const Tensor& feature, WindowBatch& batch);

namespace cpu {
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernel&, int64_t groups,
                          const WindowBatch& above, WindowBatch& below, Into);
void max_pool_window_backward(const Context&, const WindowKernel&, const IndexTensor& argmax,
                              const WindowBatch& above, WindowBatch& below, Into);
void copy_window_backward(const Context&, const WindowBatch& above, WindowBatch& below, Into);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above, WindowBatch& below,
                                       Into);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into);
void relu_window_backward(const Context&, const Tensor& feature, WindowBatch& batch);
}  // namespace cpu
namespace cuda {
void conv_window_backward(const Context&, const Tensor& weight, const WindowKernel&, int64_t groups,
                          const WindowBatch& above, WindowBatch& below, Into);
void max_pool_window_backward(const Context&, const WindowKernel&, const IndexTensor& argmax,
                              const WindowBatch& above, WindowBatch& below, Into);
void copy_window_backward(const Context&, const WindowBatch& above, WindowBatch& below, Into);
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch& above, WindowBatch& below,
                                       Into);
void linear_window_backward(const Context&, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into);
void relu_window_backward(const Context&, const Tensor& feature, WindowBatch& batch);
}  // namespace cuda

}  // namespace hdecomp
