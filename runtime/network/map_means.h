/// The mean of every channel of a feature map.
#pragma once

#include <vector>

#include "runtime/network/executor.h"

namespace hdecomp {

/// Each channel's mean over an image's map of a node, after the executor's forward(): a sum of
/// doubles in row-major order.
std::vector<double> map_means(const Context& context, const Executor& executor, int node,
                              int64_t image);

}  // namespace hdecomp
