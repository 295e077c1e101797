/// Which channels of a batch a product needs: those that are not zero in all its images. In the
/// variants of one image that channel ablation makes, a ReLU leaves up to half the channels zero.
#pragma once

#include <vector>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp::cpu {

/// In ascending order, of x (batch, channels, ...), whose planes have `plane` elements; the first
/// channel if there is none.
std::vector<int64_t> active_channels(const Context& context, const Tensor& x, int64_t batch,
                                     int64_t channels, int64_t plane);

}  // namespace hdecomp::cpu
