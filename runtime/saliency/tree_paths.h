/// A tree of evidence as all of its paths, which meet again: a step that several paths reach is
/// gone through once, with what all of them bring.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "hdecomp/tree.h"

namespace hdecomp {

/// Down from the root's step, which has `at_root`, one level after another, `levels` in all:
/// visit(level, child, of_parent) returns what the child's paths bring to its own step. Steps go
/// in the order in which they are met, so that sums do not hang on addresses.
template <class Brought, class Visit>
void walk_paths(const TreeNode& root, size_t levels, Brought at_root, Visit visit) {
  std::vector<std::pair<const Decomposition*, Brought>> steps;
  if (root.step) steps.push_back({root.step.get(), at_root});
  for (size_t level = 0; level < levels; ++level) {
    std::map<const Decomposition*, size_t> places;
    std::vector<std::pair<const Decomposition*, Brought>> below;
    for (const auto& [step, of_parent] : steps) {
      for (const TreeNode& child : step->evidence) {
        const Brought brought = visit(level, child, of_parent);
        if (!child.step) continue;
        const auto [place, is_new] = places.try_emplace(child.step.get(), below.size());
        if (is_new) below.push_back({child.step.get(), {}});
        below[place->second].second += brought;
      }
    }
    steps = std::move(below);
  }
}

}  // namespace hdecomp
