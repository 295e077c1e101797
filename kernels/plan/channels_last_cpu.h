/// Maps whose channels lie side by side in each cell, as planes.
#pragma once

#include "kernels/core/context.h"

namespace hdecomp::cpu {

/// to (channels, cells) of from (cells, channels).
void channels_to_planes(const Context& context, int64_t cells, int64_t channels, const float* from,
                        float* to);

}  // namespace hdecomp::cpu
