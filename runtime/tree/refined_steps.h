/// gAP steps with more to them than the top channels' highest peaks: overlapping channels merged,
/// and several peaks per channel.
#pragma once

#include "runtime/tree/tree_question.h"

namespace hdecomp {

/// As gap_steps into question.levels[level], with question.overlaps and question.peaks. Maps are
/// kept only if question.keep_maps. Waits for the device.
std::vector<GapStep> refined_steps(WindowExecutor& windows, const TreeQuestion& question,
                                   size_t level, const std::vector<ValuedNeuron>& decisions);

/// Finds at most question.peaks - 1 further peaks of each chosen channel of a step into
/// question.levels[level] that kept its maps: local maxima of A, apart from the higher ones by a
/// receptive field in the level below (of the last level, in the image).
void add_peaks(WindowExecutor& windows, const TreeQuestion& question, size_t level, int64_t image,
               GapStep& step);

}  // namespace hdecomp
