/// From a gAP step to evidence: what the chosen channels cover, and the nodes that they become.
#pragma once

#include <span>
#include <vector>

#include "runtime/tree/gap.h"

namespace hdecomp {

/// How much of the decision, and of its positive support, `channels` are.
void measure_coverage(Decomposition& d, std::span<const int32_t> channels);

/// Decomposition::evidence of a step; its nodes have no steps of their own yet.
std::vector<TreeNode> evidence(const GapStep& step);

}  // namespace hdecomp
