/// What every way of building trees shares: from the roots down the levels, and the trees put
/// together from them.
#pragma once

#include <functional>
#include <vector>

#include "runtime/tree/tree_builder.h"

namespace hdecomp {

/// The steps of a level's decisions, in order: those that decompose `decisions` into
/// TreeQuestion::levels[level].
using StepsOfLevel =
    std::function<std::vector<GapStep>(size_t level, const std::vector<ValuedNeuron>& decisions)>;

/// One tree per root, in order. Asks `steps` level by level for the distinct decisions, image by
/// image; the first level's are the roots whose value is positive (Eq. 1), as given.
std::vector<BuiltTree> grow_trees(WindowExecutor& windows, const TreeQuestion& plan,
                                  const std::vector<ValuedNeuron>& roots,
                                  const StepsOfLevel& steps);

}  // namespace hdecomp
