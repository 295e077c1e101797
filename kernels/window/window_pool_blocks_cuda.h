/// Max pooling's window backward where the kernels lie side by side: VGG's 2 x 2 of stride 2.
#pragma once

#include "kernels/window/window_backward.h"

namespace hdecomp::cuda {

/// Whether max_pool_window_blocks computes it: a 2 x 2 kernel of stride 2 without padding, into
/// empty windows, with the pool's own input as the mask or none.
bool is_pool_of_blocks(const WindowKernels& kernel, const Tensor& feature, const WindowBatch& above,
                       const GradientBelow& below);

/// As max_pool_window_backward.
void max_pool_window_blocks(const Context& context, const Tensor& feature, const WindowBatch& above,
                            const GradientBelow& below);

}  // namespace hdecomp::cuda
