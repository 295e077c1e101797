/// Collecting levels and assembling trees.
#include "runtime/tree/grow_trees.h"

#include <algorithm>
#include <map>

#include "hdecomp/stopped.h"
#include "kernels/core/parallel.h"
#include "nets/layer_names.h"
#include "runtime/tree/evidence.h"

namespace hdecomp {
namespace {

/// All levels of one or several trees; a decision that several parents share is held once.
class TreeLevels {
 public:
  /// Adds the level below the last one: the steps of its decisions, in order. Returns the distinct
  /// decisions of the next level, image by image; choice k of row r has row r * `choices` + k
  /// there, of equal ones the first.
  std::vector<ValuedNeuron> add(const std::vector<ValuedNeuron>& decisions,
                                std::vector<GapStep> steps, int64_t choices);

  /// The tree below a root, a decision of the first level in `layer`.
  TreeNode tree(const std::string& layer, const ValuedNeuron& root) const;
  /// Adds up the work of an image's decisions.
  void count(WindowExecutor& windows, const TreeQuestion& question, int64_t image,
             BuiltTree& tree) const;

 private:
  struct Level {
    std::vector<Neuron> decisions;  // rising
    std::shared_ptr<const std::vector<GapStep>> steps;
    std::vector<size_t> step_of;  // of each decision
  };

  /// The steps of one tree that are put together already, by level and decision.
  using Made = std::vector<std::map<size_t, std::shared_ptr<const Decomposition>>>;

  /// The step of a decision of level `depth` with all below it; null where it has none.
  std::shared_ptr<const Decomposition> step_of(const Neuron& decision, size_t depth,
                                               Made& made) const;

  std::vector<Level> levels_;
};

/// Extra peaks are found on the host, where levels are not planned ahead.
constexpr int64_t no_row = -1;

/// Rising, and of equal neurons the first alone.
void keep_distinct(std::vector<ValuedNeuron>& decisions) {
  std::ranges::stable_sort(decisions, {}, &ValuedNeuron::neuron);
  const auto [rest, end] = std::ranges::unique(decisions, {}, &ValuedNeuron::neuron);
  decisions.erase(rest, end);
}

std::vector<ValuedNeuron> TreeLevels::add(const std::vector<ValuedNeuron>& decisions,
                                          std::vector<GapStep> steps, int64_t choices) {
  std::vector<ValuedNeuron> ordered, next;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Neuron& neuron = decisions[i].neuron;
    ordered.push_back({neuron, 0, static_cast<int64_t>(i)});
    const Decomposition& d = steps[i].decomposition;
    for (size_t k = 0; k < d.chosen.size(); ++k) {
      if (steps[i].next[k].image < 0) continue;  // next_decisions ends the branch there
      next.push_back({steps[i].next[k], steps[i].values[k],
                      decisions[i].row * choices + static_cast<int64_t>(k)});
    }
    for (const ExtraPeak& extra : steps[i].extra) {
      if (extra.value > 0) next.push_back({extra.neuron, extra.value, no_row});  // Eq. 1
    }
  }
  keep_distinct(ordered);
  Level& level = levels_.emplace_back();
  for (const ValuedNeuron& decision : ordered) {
    level.decisions.push_back(decision.neuron);
    level.step_of.push_back(static_cast<size_t>(decision.row));
  }
  level.steps = std::make_shared<const std::vector<GapStep>>(std::move(steps));
  keep_distinct(next);
  return next;
}

std::shared_ptr<const Decomposition> TreeLevels::step_of(const Neuron& decision, size_t depth,
                                                         Made& made) const {
  if (depth == levels_.size()) return nullptr;
  const Level& level = levels_[depth];
  const auto found = std::ranges::lower_bound(level.decisions, decision);
  if (found == level.decisions.end() || *found != decision) return nullptr;
  const size_t row = level.step_of[found - level.decisions.begin()];
  std::shared_ptr<const Decomposition>& shared = made[depth][row];
  if (shared) return shared;
  const GapStep& step = (*level.steps)[row];
  const auto whole = std::make_shared<Decomposition>(step.decomposition);
  whole->evidence = evidence(step);
  for (TreeNode& node : whole->evidence) {
    node.step = step_of({node.channel, node.y, node.x, decision.image}, depth + 1, made);
  }
  return shared = whole;
}

TreeNode TreeLevels::tree(const std::string& layer, const ValuedNeuron& root) const {
  TreeNode node;
  node.layer = layer;
  node.channel = root.neuron.channel;
  node.y = root.neuron.y;
  node.x = root.neuron.x;
  node.value = root.value;
  Made made(levels_.size());
  node.step = step_of(root.neuron, 0, made);
  return node;
}

void TreeLevels::count(WindowExecutor& windows, const TreeQuestion& question, int64_t image,
                       BuiltTree& tree) const {
  for (size_t i = 0; i < levels_.size(); ++i) {
    const int64_t decisions = std::ranges::count(levels_[i].decisions, image, &Neuron::image);
    const GapQuestion step = question.step(i);
    tree.decompositions += decisions;
    tree.multiply_adds +=
        windows.plan(step.from, step.to).multiply_adds * static_cast<double>(decisions);
  }
}

}  // namespace

std::vector<BuiltTree> grow_trees(WindowExecutor& windows, const TreeQuestion& question,
                                  const std::vector<ValuedNeuron>& roots,
                                  const SourceOfSteps& source) {
  const std::string layer = layer_label(windows.graph(), question.from);
  TreeLevels levels;
  std::vector<ValuedNeuron> decisions;
  std::ranges::copy_if(roots, std::back_inserter(decisions),
                       [](const ValuedNeuron& root) { return root.value > 0; });  // Eq. 1
  for (size_t level = 0; level < question.levels.size(); ++level) {
    end_if_stopped(question.stop);
    const LevelShape shape = level_shape(windows.graph(), question.step(level), 1);
    decisions = levels.add(decisions, source(level, decisions), shape.choices);
    if (question.after_level && roots.size() == 1) {
      question.after_level(levels.tree(layer, roots.front()), static_cast<int>(level) + 1);
    }
  }
  std::vector<BuiltTree> trees(roots.size());
  parallel_tasks(windows.context(), std::ssize(roots), 2,
                 [&](int64_t i) { trees[i].root = levels.tree(layer, roots[i]); });
  for (size_t i = 0; i < roots.size(); ++i) {
    levels.count(windows, question, roots[i].neuron.image, trees[i]);
  }
  return trees;
}

}  // namespace hdecomp
