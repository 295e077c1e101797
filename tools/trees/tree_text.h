/// The tree of evidence as text for the terminal.
#pragma once

#include <cstdint>
#include <string>

#include "hdecomp/tree.h"

namespace hdecomp::tools {

/// Lines of evidence that a tree has at most.
constexpr int64_t most_lines = 10000;

/// The class, its score and the tree down to `levels` levels, `most_lines` of it; last lines count
/// the nodes left out. Below each decision's evidence the `against` channels that most speak
/// against it (or as_many_as_shown), with a minus before their names.
std::string tree_text(const Tree& tree, int levels, int against = 0);

/// The levels' reach, a line; of each that has a surrogate a line what that gives.
std::string levels_text(const Tree& tree);

/// One step: the decision's line, its chosen channels and so many against it.
std::string step_text(const DecisionStep& step, int against = 0);

/// What contributions are counted from, a line; empty for zero, the paper's.
std::string baseline_line(const BaselineChoice& choice);

/// "faces_easy 87.3 %, ..."
std::string scores_text(const std::vector<ClassScore>& scores);

}  // namespace hdecomp::tools
