/// Channel-effect overlaps (Section 4.1): channels whose activation maps have nearly the same mask.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/explain_options.h"
#include "runtime/tree/gap.h"

namespace hdecomp {

/// Channels that non-maximum suppression merges, by falling contribution; the first one stands for
/// all.
struct OverlapGroup {
  std::vector<int32_t> channels;
  std::vector<size_t> places;  // of those channels in Decomposition::chosen
};

/// Throws UserError that names the flag if a threshold is not from 0 to 1 (the mask's: below 1).
void check_overlaps(const OverlapOptions& options);

/// The activated channels of one decision in a step with their maps, most contributing first.
GapStep activated_channels(WindowExecutor& windows, GapQuestion step, const ValuedNeuron& decision);

/// The rule of ActivationMap::mask in words: "A > 0.5 x its maximum", or for 0 "A > 0".
std::string mask_words(double threshold);

/// Groups the chosen channels of a step that kept its maps, in order of their first channel: each
/// channel joins the first group whose first mask it overlaps by more than options.iou.
std::vector<OverlapGroup> merge_overlaps(const GapStep& step, const OverlapOptions& options);

/// Those of the groups that have two channels and more.
std::vector<std::vector<int32_t>> shared_masks(const GapStep& step, const OverlapOptions& options);

}  // namespace hdecomp
