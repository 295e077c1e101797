/// A convolution whose padding differs from side to side, where the device's library has none such:
/// of a padded copy of the input.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp {

/// As make_conv.
std::unique_ptr<Conv> make_padded_conv(const Context& context, const ConvSpec& spec,
                                       const Tensor& weight, const Tensor& bias);

}  // namespace hdecomp
