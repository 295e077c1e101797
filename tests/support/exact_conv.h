/// Convolution by its definition, in double precision.
#pragma once

#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/core/tensor.h"

namespace hdecomp::op_testing {

/// The sums of outputs, before the activation.
std::vector<double> sums_of(const ConvSpec& spec, const Tensor& x, const Tensor& weight,
                            const Tensor& bias);

/// The gradient dx of dy.
std::vector<double> gradients_of(const ConvSpec& spec, const Tensor& weight, const Tensor& dy);

/// The convolution's outputs.
Tensor reference(const ConvSpec& spec, const Tensor& x, const Tensor& weight, const Tensor& bias);

}  // namespace hdecomp::op_testing
