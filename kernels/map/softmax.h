/// Softmax over each row of class scores.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// y(n, i) = exp(x(n, i) - max) / sum over j of exp(x(n, j) - max): rows (n, classes) of
/// probabilities.
void softmax_forward(const Context& context, const Tensor& x, Tensor& y);

namespace cpu {
void softmax_forward(const Context&, const Tensor& x, Tensor& y);
}  // namespace cpu
namespace cuda {
void softmax_forward(const Context&, const Tensor& x, Tensor& y);
}  // namespace cuda

}  // namespace hdecomp
