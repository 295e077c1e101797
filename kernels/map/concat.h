/// Maps side by side: the channels of all inputs, one after another.
#pragma once

#include <span>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// (n, sum of the channels, h, w). Throws Error if there is none, or if they differ in more than
/// their channels.
Shape shape_of_concat(std::span<const Shape> inputs);

/// y (n, sum of C_k, h, w) = inputs (n, C_k, h, w). The gradient to an input is dy's own channels.
void concat_forward(const Context& context, std::span<const Tensor* const> inputs, Tensor& y);

namespace cpu {
void concat_forward(const Context&, std::span<const Tensor* const> inputs, Tensor& y);
}
namespace cuda {
void concat_forward(const Context&, std::span<const Tensor* const> inputs, Tensor& y);
}

}  // namespace hdecomp
