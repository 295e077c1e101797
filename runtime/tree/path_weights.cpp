/// Level by level: a decision that a tree meets in several places is held once, with the sum of
/// their weights, so that a tree of shared steps takes no longer than it has distinct ones.
#include "runtime/tree/path_weights.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace hdecomp {

std::vector<double> shares_of(const Decomposition& step) {
  const std::vector<TreeNode>& nodes = step.evidence;
  std::vector<double> shares(nodes.size());
  for (size_t first = 0; first < nodes.size();) {
    size_t end = first + 1;  // of the channel's peaks
    double peaks = nodes[first].peak, alpha = nodes[first].contribution;
    for (; end < nodes.size() && nodes[end].extra_peak > 0; ++end) peaks += nodes[end].peak;
    for (const int32_t member : nodes[first].members) alpha += step.contribution[member];
    const double share = step.positive > 0 ? alpha / step.positive : 0;
    for (size_t i = first; i < end; ++i) {
      shares[i] = end == first + 1 || peaks <= 0 ? share : share * nodes[i].peak / peaks;
      if (peaks <= 0 && i > first) shares[i] = 0;
    }
    first = end;
  }
  return shares;
}

std::vector<WeighedDecision> decisions_below(std::span<const WeighedDecision> above) {
  std::vector<WeighedDecision> below;
  std::unordered_map<const Decomposition*, size_t> places;
  for (const WeighedDecision& decision : above) {
    const std::vector<TreeNode>& nodes = decision.node->children();
    const std::vector<double> shares = shares_of(*decision.node->step);
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (!nodes[i].step) continue;
      const auto [place, is_new] = places.try_emplace(nodes[i].step.get(), below.size());
      if (is_new) below.push_back({&nodes[i], 0});
      below[place->second].weight += decision.weight * shares[i];
    }
  }
  return below;
}

std::vector<TreeLevel> levels_below(const TreeNode& root) {
  std::vector<TreeLevel> levels;
  if (!root.step) return levels;
  for (std::vector<WeighedDecision> decisions{{&root, 1}}; !decisions.empty();
       decisions = decisions_below(decisions)) {
    TreeLevel level;
    std::set<int64_t> channels;
    for (const WeighedDecision& decision : decisions) {
      const std::vector<double> shares = shares_of(*decision.node->step);
      const std::vector<TreeNode>& nodes = decision.node->children();
      for (size_t i = 0; i < nodes.size(); ++i) {
        level.reach += decision.weight * shares[i];
        level.layer = nodes[i].layer;
        channels.insert(nodes[i].channel);
        channels.insert(nodes[i].members.begin(), nodes[i].members.end());
      }
    }
    if (channels.empty()) break;
    level.channels = std::ssize(channels);
    levels.push_back(std::move(level));
  }
  return levels;
}

}  // namespace hdecomp
