/// ReLU and add, element by element, and their gradients.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// y = max(0, x).
void relu_forward(const Context& context, const Tensor& x, Tensor& y);
/// dx = dy where y > 0, else 0. `dx` may be `dy`.
void relu_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx);

/// y = a + b, then max(0, .) if `relu`. `y` may be `a` or `b`. The gradient to each input is dy
/// itself, masked by relu_backward first if `relu`.
void add_forward(const Context& context, const Tensor& a, const Tensor& b, bool relu, Tensor& y);

namespace cpu {
void relu_forward(const Context&, const Tensor& x, Tensor& y);
void relu_backward(const Context&, const Tensor& y, const Tensor& dy, Tensor& dx);
void add_forward(const Context&, const Tensor& a, const Tensor& b, bool relu, Tensor& y);
}  // namespace cpu
namespace cuda {
void relu_forward(const Context&, const Tensor& x, Tensor& y);
void relu_backward(const Context&, const Tensor& y, const Tensor& dy, Tensor& dx);
void add_forward(const Context&, const Tensor& a, const Tensor& b, bool relu, Tensor& y);
}  // namespace cuda

}  // namespace hdecomp
