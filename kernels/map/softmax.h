/// Softmax over each row of class scores, and its gradient.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// y(n, i) = exp(x(n, i) - max) / sum over j of exp(x(n, j) - max): rows (n, classes) of
/// probabilities.
void softmax_forward(const Context& context, const Tensor& x, Tensor& y);
/// dx = y (dy - sum over j of dy_j y_j), row by row.
void softmax_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx);

namespace cpu {
void softmax_forward(const Context&, const Tensor& x, Tensor& y);
void softmax_backward(const Context&, const Tensor& y, const Tensor& dy, Tensor& dx);
}  // namespace cpu
namespace cuda {
void softmax_forward(const Context&, const Tensor& x, Tensor& y);
void softmax_backward(const Context&, const Tensor& y, const Tensor& dy, Tensor& dx);
}  // namespace cuda

}  // namespace hdecomp
