/// What of a decision's positive evidence reaches each node of its tree: products of shares.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "hdecomp/tree.h"

namespace hdecomp {

/// A decision of a level, met in one place or several of the tree.
struct WeighedDecision {
  const TreeNode* node = nullptr;  // where the tree meets it first; has a step
  double weight = 0;               // of all places where the tree meets it
};

/// For each of a step's nodes s(n), its part of the step's positive evidence: of a channel that
/// stands for others with theirs, of one with several peaks divided as A is at them.
std::vector<double> shares_of(const Decomposition& step);

/// The decisions of a level, each once, from those of the level above; the root's are {&root, 1}.
std::vector<WeighedDecision> decisions_below(std::span<const WeighedDecision> above);

}  // namespace hdecomp
