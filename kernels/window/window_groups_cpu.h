/// A convolution's window backward where each channel hangs on its own few alone.
#pragma once

#include "kernels/window/window_backward.h"

namespace hdecomp::cpu {

/// Whether grouped_window_backward() takes it: a group per channel below, and small groups of small
/// kernels, for which a product's gather would take as long as the product.
bool goes_by_groups(const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                    const WindowBatch& below);

/// conv_window_backward() of these.
void grouped_window_backward(const Context& context, const Tensor& weight,
                             const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                             const GradientBelow& below);

}  // namespace hdecomp::cpu
