/// The neurons of a tree, level by level, each once, whatever number of decisions chose it.
#pragma once

#include <vector>

#include "hdecomp/tree.h"

namespace hdecomp {

/// One of the decisions that chose a neuron.
struct Chooser {
  size_t decision = 0;  // among the neurons of the level above; 0 for the root
  double share = 0;
  bool is_first = false;  // its strongest evidence
};

struct TreeNeuron {
  const TreeNode* node = nullptr;         // of the chooser through which most evidence comes
  const Decomposition* parent = nullptr;  // that chooser's step
  // Of the root's positive evidence what comes through it: its shares (shares_of) along every path
  // from the root, multiplied, and the paths' products added up. A level's add up to its reach.
  double weight = 0;
  std::vector<Chooser> choosers = {};  // by their order
};

/// The levels below the root; neurons in the order in which the tree meets them. The tree must
/// outlive it.
std::vector<std::vector<TreeNeuron>> neurons_of(const TreeNode& root);

/// Of each neuron of a level whether it is of the `most` with the largest weights; of equal ones
/// the first are.
std::vector<bool> strongest(const std::vector<TreeNeuron>& level, size_t most);

}  // namespace hdecomp
