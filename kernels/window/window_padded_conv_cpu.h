/// A convolution's window backward whose product has the taps in its depth: nothing is gathered.
#pragma once

#include "kernels/window/window_backward.h"

namespace hdecomp::cpu {

/// Whether padded_conv_window_backward() takes it: kernels of stride 1, and windows above and below
/// of nearly one size, such as whole maps. It depends on no count of decisions, so that each has
/// the bits that it has alone.
bool goes_padded(const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                 const WindowBatch& below);

/// conv_window_backward() of these.
void padded_conv_window_backward(const Context& context, const Tensor& weight,
                                 const WindowKernels& kernel, const WindowBatch& above,
                                 const GradientBelow& below);

}  // namespace hdecomp::cpu
