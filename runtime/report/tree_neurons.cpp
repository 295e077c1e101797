/// Going down the levels, each neuron's step once.
#include "runtime/report/tree_neurons.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "runtime/tree/path_weights.h"

namespace hdecomp {
namespace {

using Place = std::tuple<int64_t, int64_t, int64_t>;  // channel, y, x; the layer is the level's

/// The level below some decisions, of which each has its weight.
class LevelBelow {
 public:
  void add(size_t decision, const TreeNode& node, double weight) {
    if (!node.step) return;
    const std::vector<TreeNode>& children = node.children();
    const std::vector<double> shares = shares_of(*node.step);
    for (size_t i = 0; i < children.size(); ++i) {
      const TreeNode& child = children[i];
      const double through = weight * std::max(shares[i], 0.0);
      const auto [entry, is_new] =
          places_.try_emplace({child.channel, child.y, child.x}, neurons_.size());
      if (is_new) {
        neurons_.emplace_back();
        most_.push_back(-1);
      }
      TreeNeuron& neuron = neurons_[entry->second];
      neuron.weight += through;
      neuron.choosers.push_back({decision, shares[i], i == 0});
      if (through <= most_[entry->second]) continue;
      most_[entry->second] = through;
      neuron.node = &child;
      neuron.parent = node.step.get();
    }
  }
  std::vector<TreeNeuron> take() { return std::move(neurons_); }

 private:
  std::map<Place, size_t> places_;
  std::vector<TreeNeuron> neurons_;
  std::vector<double> most_;  // of each: the most that comes through one chooser
};

}  // namespace

std::vector<std::vector<TreeNeuron>> neurons_of(const TreeNode& root) {
  std::vector<std::vector<TreeNeuron>> levels;
  LevelBelow first;
  first.add(0, root, 1);
  for (auto level = first.take(); !level.empty();) {
    LevelBelow below;
    for (size_t i = 0; i < level.size(); ++i) below.add(i, *level[i].node, level[i].weight);
    levels.push_back(std::move(level));
    level = below.take();
  }
  return levels;
}

std::vector<bool> strongest(const std::vector<TreeNeuron>& level, size_t most) {
  std::vector<size_t> order(level.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return level[i].weight; });
  std::vector<bool> is_kept(level.size(), false);
  for (size_t i = 0; i < std::min(most, order.size()); ++i) is_kept[order[i]] = true;
  return is_kept;
}

}  // namespace hdecomp
