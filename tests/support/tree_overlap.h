/// How much of a tree's evidence another precision's has as well.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hdecomp/tree.h"

namespace hdecomp::testing_models {

struct Overlap {
  int64_t chosen = 0, changed = 0;  // channels, and those of them that the other did not choose
};

/// Goes down where both have the same decision.
inline void compare(const TreeNode& actual, const TreeNode& expected, Overlap& overlap) {
  for (const TreeNode& child : expected.children()) {
    const auto same = std::ranges::find(actual.children(), child.channel, &TreeNode::channel);
    ++overlap.chosen;
    overlap.changed += same == actual.children().end();
    if (same == actual.children().end() || same->y != child.y || same->x != child.x) continue;
    compare(*same, child, overlap);
  }
}

}  // namespace hdecomp::testing_models
