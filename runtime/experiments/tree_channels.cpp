/// Trees as the channels in them.
#include "runtime/experiments/tree_channels.h"

#include <algorithm>
#include <cmath>

#include "runtime/experiments/image_measure.h"

namespace hdecomp {

TreeChannels::TreeChannels(NetworkRunner& network, const TreeQuestion& question,
                           const ValuedNeuron& root, SparseRanking by)
    : levels_(question.levels.size()), root_(root.neuron) {
  if (by == SparseRanking::magnitude) {
    grow(network, question, root);
  } else {
    add(network.trees(question).finish({root}).front().root, 0, root.neuron.image);
  }
}

void TreeChannels::add(const TreeNode& node, size_t level, int64_t image) {
  if (!node.step) return;
  const auto [place, is_new] = levels_[level].try_emplace({node.channel, node.y, node.x, image});
  if (!is_new) return;
  for (const TreeNode& child : node.children()) {
    const Neuron next{child.channel, child.y, child.x, child.step ? image : -1};
    place->second.push_back({static_cast<int32_t>(child.channel), next});
    if (child.step) add(child, level + 1, image);
  }
}

void TreeChannels::grow(NetworkRunner& network, const TreeQuestion& question,
                        const ValuedNeuron& root) {
  std::vector<ValuedNeuron> decisions{root};
  for (size_t level = 0; level < levels_.size(); ++level) {
    GapQuestion step = question.step(level);
    const int64_t columns = network.graph().shapes[step.to].width;
    const auto most = static_cast<size_t>(step.top);
    step.top = 1;  // chosen here
    const std::vector<GapStep> steps = gap_steps(network.windows, step, decisions);
    std::vector<Neuron> peaks;
    for (size_t i = 0; i < steps.size(); ++i) {
      const Decomposition& d = steps[i].decomposition;
      std::vector<double> sizes;
      for (const float alpha : d.contribution) sizes.push_back(std::abs(double{alpha}));
      std::vector<Child>& children = levels_[level][decisions[i].neuron];
      for (const int32_t channel : ranked(sizes)) {
        if (children.size() == most || sizes[channel] == 0) break;
        const int64_t at = d.position[channel];
        Child& child = children.emplace_back(Child{channel, {channel, 0, 0, -1}});
        if (at < 0) continue;
        child.next = {channel, at / columns, at % columns, root.neuron.image};
        peaks.push_back(child.next);
      }
    }
    std::ranges::sort(peaks);
    const auto [rest, end] = std::ranges::unique(peaks);
    peaks.erase(rest, end);
    const std::vector<float> values = network.executor.values(step.to, peaks);
    decisions.clear();
    for (size_t i = 0; i < peaks.size(); ++i) {
      if (values[i] > 0) decisions.push_back({peaks[i], values[i]});  // Eq. 1
    }
  }
}

KeptChannels TreeChannels::of(size_t k) const {
  KeptChannels kept(levels_.size());
  std::set<Neuron> decisions{root_};
  for (size_t level = 0; level < levels_.size(); ++level) {
    std::set<Neuron> below;
    for (const Neuron& decision : decisions) {
      const auto found = levels_[level].find(decision);
      if (found == levels_[level].end()) continue;
      for (size_t i = 0; i < std::min(k, found->second.size()); ++i) {
        kept[level].insert(found->second[i].channel);
        if (found->second[i].next.image >= 0) below.insert(found->second[i].next);
      }
    }
    decisions = std::move(below);
  }
  return kept;
}

}  // namespace hdecomp
