/// What channels of a measured decision drop it by, and whether rounding alone can make that.
#pragma once

#include <vector>

#include "runtime/ablation/ablation.h"
#include "runtime/experiments/measures.h"

namespace hdecomp {

/// By every channel of the lower layer.
std::vector<float> drops_of(NetworkRunner& network, const Decided& decided);
/// By every group of its channels, each filled at once.
std::vector<float> drops_of(NetworkRunner& network, const Decided& decided,
                            const std::vector<ChannelGroup>& groups);

/// What the channels of the lower layer are filled with, of one image.
std::vector<float> fills_of(const NetworkRunner& network, const AblationQuestion& question,
                            int64_t image);

/// Whether rounding alone can make these drops of a decision.
bool are_noise(const NetworkRunner& network, const Decided& decided,
               const std::vector<float>& drops);

}  // namespace hdecomp
