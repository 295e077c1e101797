/// Evidence against decisions: the channels that most speak against each, and where they do.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// In place of a number of channels against a decision: as many as are shown for it.
constexpr int as_many_as_shown = -1;

/// How many against each decision are shown. With --cover, --top bounds how many are shown for it,
/// which is not how many are.
inline int against_of(bool is_signed, double cover, int top) {
  return !is_signed ? 0 : cover > 0 ? as_many_as_shown : top;
}

/// The channels with the `most` lowest alphas below 0 of a decision's step, the lowest first.
std::vector<int32_t> channels_against(const TreeNode& decision, int most);

/// Of all decisions below `root` that have any, with their maps: a step into the network each.
/// `how`: what a step is counted from. `before_each` may throw to end it.
std::vector<AddedEvidence> evidence_against(Explainer& explainer, const Image& photo,
                                            const TreeNode& root, int most,
                                            const BaselineChoice& how,
                                            const std::function<void()>& before_each = {});

}  // namespace hdecomp::tools
