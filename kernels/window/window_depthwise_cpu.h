/// Convolutions with a group per input channel, on the CPU.
#pragma once

#include "kernels/window/window_backward.h"

namespace hdecomp::cpu {

/// As conv_window_backward with as many groups as channels below. `weight` (out, 1, k_h, k_w).
void depthwise_window_backward(const Context& context, const Tensor& weight,
                               const WindowKernels& kernel, const WindowBatch& above,
                               const GradientBelow& below);

}  // namespace hdecomp::cpu
