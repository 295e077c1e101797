/// gAP steps with more to them than the top channels' highest peaks: overlapping channels merged,
/// and several peaks per channel.
#pragma once

#include "runtime/tree/tree_question.h"

namespace hdecomp {

/// As gap_steps into plan.levels[level], with plan.overlaps and plan.peaks. Maps are kept only if
/// plan.keep_maps. Waits for the device.
std::vector<GapStep> refined_steps(WindowExecutor& windows, const TreeQuestion& plan, size_t level,
                                   const std::vector<ValuedNeuron>& decisions);

/// Finds at most plan.peaks - 1 further peaks of each chosen channel of a step into
/// plan.levels[level] that kept its maps: local maxima of A, apart from the higher ones by a
/// receptive field in the level below (of the last level, in the image).
void add_peaks(WindowExecutor& windows, const TreeQuestion& plan, size_t level, int64_t image,
               GapStep& step);

}  // namespace hdecomp
