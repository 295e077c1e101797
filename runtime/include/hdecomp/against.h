/// Evidence against decisions: the channels that most speak against each, and where they do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hdecomp/explainer.h"
#include "hdecomp/export.h"

namespace hdecomp {

/// In place of a number of channels against a decision: as many as were chosen for it.
inline constexpr int as_many_as_chosen = -1;

/// What speaks against one decision of a tree.
struct EvidenceAgainst {
  std::string place;  // the decision, as place_of() has it: "conv5_3:70@3,3"
  // The decision and as its only children those channels, the lowest alpha first, each where its A
  // is lowest and with its map. They are no decisions to go on from.
  DecisionStep step;
};

/// The channels with the `most` lowest alphas below 0 of a decision's step, the lowest first; none
/// of a node that was not decomposed.
HDECOMP_API std::vector<int32_t> channels_against(const TreeNode& decision,
                                                  int most = as_many_as_chosen);

/// Of all decisions below `root` that have any, in distinct_steps()' order: a step into the network
/// each. `image` is the tree's, `how` its `baseline`. `before_each` may throw to end it. Throws
/// what Explainer::decompose() throws, and UserError for a `most` below -1.
HDECOMP_API std::vector<EvidenceAgainst> evidence_against(
    Explainer& explainer, const Image& image, const TreeNode& root, int most = as_many_as_chosen,
    const BaselineChoice& how = {}, const std::function<void()>& before_each = {});

}  // namespace hdecomp
