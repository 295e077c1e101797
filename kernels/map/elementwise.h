/// Activations' gradient and add, element by element.
#pragma once

#include "kernels/core/activation.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// dx = dy where the output `y` lets it pass, else 0. `dx` may be `dy`.
void activation_backward(const Context& context, Activation activation, const Tensor& y,
                         const Tensor& dy, Tensor& dx);

/// y = activation(a + b). `y` may be `a` or `b`. The gradient to each input is dy itself, through
/// activation_backward first.
void add_forward(const Context& context, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y);

namespace cpu {
void activation_backward(const Context&, Activation activation, const Tensor& y, const Tensor& dy,
                         Tensor& dx);
void add_forward(const Context&, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y);
}  // namespace cpu
namespace cuda {
void activation_backward(const Context&, Activation activation, const Tensor& y, const Tensor& dy,
                         Tensor& dx);
void add_forward(const Context&, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y);
}  // namespace cuda

}  // namespace hdecomp
