/// What every way of building trees shares: from the roots down the levels, and the trees put
/// together from them.
#pragma once

#include <functional>
#include <vector>

#include "runtime/tree/tree_question.h"

namespace hdecomp {

/// Where a level's steps come from: computed now, or read from what a GPU computed before. Returns
/// those that decompose `decisions` into TreeQuestion::levels[level], in order.
using SourceOfSteps =
    std::function<std::vector<GapStep>(size_t level, const std::vector<ValuedNeuron>& decisions)>;

/// One tree per root, in order. Asks `source` level by level for the distinct decisions, image by
/// image; the first level's are the roots whose value is positive (Eq. 1), as given.
std::vector<BuiltTree> grow_trees(WindowExecutor& windows, const TreeQuestion& question,
                                  const std::vector<ValuedNeuron>& roots,
                                  const SourceOfSteps& source);

}  // namespace hdecomp
