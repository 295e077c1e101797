/// Max, adaptive average and global pooling over (n, c, h, w) maps; gradients to the input.
#pragma once

#include <cstdint>

#include "kernels/core/context.h"
#include "kernels/core/sliding.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// steps_of_kernel on either axis; padding below the kernel's extent.
struct PoolSpec {
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_h = 0, pad_w = 0;
  Rounding rounding = Rounding::down;
  int64_t far_h = 0, far_w = 0;  // how much more padding at the bottom and at the right
  int64_t dilation_h = 1, dilation_w = 1;

  KernelAxis y() const { return {kernel_h, stride_h, pad_h, pad_h + far_h, dilation_h}; }
  KernelAxis x() const { return {kernel_w, stride_w, pad_w, pad_w + far_w, dilation_w}; }
};

/// The shape of the pooled map. Throws Error if the kernel does not fit.
Shape pooled_shape(const Shape& x, const PoolSpec& spec);

/// y = the maximum over each window; padding is never chosen. `argmax` (y's shape): the position
/// row * width + column of the first maximum in row-major order, in x's own plane.
void max_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y,
                      IndexTensor& argmax);
/// dx = dy routed to each window's argmax, summed where windows overlap.
void max_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy,
                       const IndexTensor& argmax, Tensor& dx);

/// y (n, c, p, q): cell (i, j) is the mean over rows [floor(i h / p), ceil((i + 1) h / p)) and the
/// columns alike. p = q = 1 is global average pooling; p = h, q = w the identity.
void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y);
void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx);

namespace cpu {
void max_pool_forward(const Context&, const PoolSpec&, const Tensor& x, Tensor& y, IndexTensor&);
void max_pool_backward(const Context&, const PoolSpec&, const Tensor& dy, const IndexTensor&,
                       Tensor& dx);
void adaptive_avg_pool_forward(const Context&, const Tensor& x, Tensor& y);
void adaptive_avg_pool_backward(const Context&, const Tensor& dy, Tensor& dx);
}  // namespace cpu
namespace cuda {
void max_pool_forward(const Context&, const PoolSpec&, const Tensor& x, Tensor& y, IndexTensor&);
void max_pool_backward(const Context&, const PoolSpec&, const Tensor& dy, const IndexTensor&,
                       Tensor& dx);
void adaptive_avg_pool_forward(const Context&, const Tensor& x, Tensor& y);
void adaptive_avg_pool_backward(const Context&, const Tensor& dy, Tensor& dx);
}  // namespace cuda

}  // namespace hdecomp
