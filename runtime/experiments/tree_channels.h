/// Which channels a tree of the top k reaches, for several k, by one of two rankings.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "hdecomp/experiment.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// By level, from above.
using KeptChannels = std::vector<std::set<int32_t>>;

/// The tree of the largest k below one root, of which those of the smaller k are parts.
class TreeChannels {
 public:
  /// `question` names the levels and the largest k. By contribution: its own tree. By magnitude: of
  /// every decision the channels with the largest |alpha|, ties to the lower channel; one that has
  /// no A above 0, and so no peak (Eq. 5), is in the tree and not decomposed.
  TreeChannels(NetworkRunner& network, const TreeQuestion& question, const ValuedNeuron& root,
               SparseRanking by);

  /// Those of the tree of the top k.
  KeptChannels of(size_t k) const;

 private:
  struct Child {
    int32_t channel = 0;
    Neuron next;  // image -1: not decomposed
  };
  using Level = std::map<Neuron, std::vector<Child>>;  // of a decision, best first

  void add(const TreeNode& node, size_t level, int64_t image);
  void grow(NetworkRunner& network, const TreeQuestion& question, const ValuedNeuron& root);

  std::vector<Level> levels_;
  Neuron root_;
};

}  // namespace hdecomp
