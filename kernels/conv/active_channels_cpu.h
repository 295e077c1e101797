/// Which channels of a batch a product needs: those that are not zero in all its images. In the
/// variants of one image that channel ablation makes, a ReLU leaves up to half the channels zero.
#pragma once

#include <vector>

#include "kernels/conv/conv.h"

namespace hdecomp::cpu {

/// Of a convolution's input, in ascending order; the first channel if there is none.
std::vector<int64_t> active_channels(const Context& context, const ConvSpec& spec, const Tensor& x);

}  // namespace hdecomp::cpu
