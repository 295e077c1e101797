/// Steps that keep whole maps: as many decisions at a time as the memory for the maps allows.
#pragma once

#include <algorithm>
#include <iterator>

#include "runtime/tree/gap.h"

namespace hdecomp {

/// How many decisions may keep `choices` maps each, all in `bytes`: at least one.
inline size_t decisions_at_once(const FeatureShape& map, int64_t choices, int64_t bytes) {
  const int64_t of_one = choices * map.height * map.width * static_cast<int64_t>(sizeof(float));
  return static_cast<size_t>(std::max<int64_t>(1, bytes / of_one));
}

/// The steps that steps(some) makes of `most` decisions at a time, in order.
template <class Steps>
std::vector<GapStep> steps_in_parts(const std::vector<ValuedNeuron>& decisions, size_t most,
                                    Steps&& steps) {
  if (decisions.size() <= most) return steps(decisions);
  std::vector<GapStep> all;
  for (size_t begin = 0; begin < decisions.size(); begin += most) {
    const auto from = decisions.begin() + static_cast<ptrdiff_t>(begin);
    const auto to = from + static_cast<ptrdiff_t>(std::min(most, decisions.size() - begin));
    std::ranges::move(steps(std::vector<ValuedNeuron>(from, to)), std::back_inserter(all));
  }
  return all;
}

}  // namespace hdecomp
