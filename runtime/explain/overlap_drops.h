/// What channels that overlap drop together: the ground truth of merging them.
#pragma once

#include "hdecomp/ablation.h"
#include "runtime/ablation/ablation.h"
#include "runtime/explain/network_runner.h"
#include "runtime/tree/overlap.h"

namespace hdecomp {

/// The groups of overlapping channels of a step that kept its maps, each ablated as a whole, by
/// their first channel's contribution. `drops`: each channel's own.
std::vector<GroupDrop> overlap_drops(NetworkRunner& network, const AblationQuestion& question,
                                     const Neuron& decision, const GapStep& step,
                                     const OverlapOptions& overlaps, std::span<const float> drops);

}  // namespace hdecomp
