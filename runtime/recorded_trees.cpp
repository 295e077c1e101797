/// Recording, replaying and reading whole trees.
#include "runtime/recorded_trees.h"

#include <algorithm>
#include <map>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/tree_levels.h"

namespace hdecomp {
namespace {

constexpr int64_t max_results = int64_t{1} << 26;  // elements of a level's (D, C): 256 MiB

}  // namespace

RecordedTrees::RecordedTrees(WindowExecutor& windows, const TreePlan& plan, int64_t batch)
    : windows_(windows), plan_(plan), batch_(batch), roots_(windows.context().device(), {batch}) {
  int64_t decisions = batch;
  for (size_t l = 0; l < plan_.levels.size(); ++l) {
    levels_.push_back(take_level(windows_, step(l), decisions));
    decisions = levels_.back().next.elements();
  }
}

bool RecordedTrees::fits(const Graph& graph, const TreePlan& plan, int64_t batch) {
  int64_t decisions = batch;
  for (const int to : plan.levels) {
    const int64_t channels = graph.shapes[to].channels;
    if (decisions > max_results / channels) return false;
    decisions *= std::min<int64_t>(plan.top, channels);
  }
  return true;
}

GapPlan RecordedTrees::step(size_t level) const {
  const int from = level == 0 ? plan_.from : plan_.levels[level - 1];
  return {from, plan_.levels[level], plan_.top, plan_.keep_maps};
}

void RecordedTrees::run_levels() {
  std::span<const Neuron> decisions = roots_.span();
  for (size_t l = 0; l < levels_.size(); ++l) {
    gap_level(windows_, step(l), decisions, levels_[l]);
    decisions = levels_[l].next.span();
  }
}

/// Roots that are missing or not positive (Eq. 1) become places without a decision.
void RecordedTrees::upload(const std::vector<ValuedNeuron>& roots) {
  PlaceTensor host({}, {batch_});
  std::ranges::fill(host.span(), Neuron{0, 0, 0, -1});
  for (size_t i = 0; i < roots.size(); ++i) {
    if (roots[i].value > 0) host.data()[i] = roots[i].neuron;
  }
  copy(windows_.context(), host, roots_);
  windows_.context().finish();
}

/// The steps of a level's distinct decisions, from the first row of each.
std::vector<GapStep> RecordedTrees::read(size_t level, const std::vector<ValuedNeuron>& decisions) {
  const Context& context = windows_.context();
  const PlaceTensor places = on_host(context, level == 0 ? roots_ : levels_[level - 1].next);
  context.finish();
  std::map<Neuron, int64_t> row_of;
  for (int64_t row = 0; row < places.elements(); ++row) row_of.emplace(places.data()[row], row);
  std::vector<LevelRow> rows;
  for (const ValuedNeuron& decision : decisions) {
    rows.push_back({row_of.at(decision.neuron), decision.value});
  }
  return read_level(windows_, step(level), rows, levels_[level]);
}

std::vector<BuiltTree> RecordedTrees::run(const std::vector<Neuron>& roots) {
  const Context& context = windows_.context();
  if (std::ssize(roots) > batch_) throw Error(text(roots.size(), " roots, at most ", batch_));
  std::vector<ValuedNeuron> decisions;
  for (const Neuron& root : roots) {
    decisions.push_back({root, windows_.executor().value(plan_.from, root)});
  }
  const std::vector<ValuedNeuron> given = decisions;
  upload(decisions);
  if (!ran_) {  // the first run makes the plans that a recording must find
    run_levels();
  } else {
    if (!recording_) recording_ = record(context, [this] { run_levels(); });
    recording_->replay();
  }
  ran_ = true;

  TreeLevels levels;
  std::erase_if(decisions, [](const ValuedNeuron& root) { return !(root.value > 0); });
  for (size_t l = 0; l < levels_.size(); ++l) {
    decisions = levels.add(decisions, read(l, decisions));
  }
  std::vector<BuiltTree> trees;
  for (const ValuedNeuron& root : given) trees.push_back(levels.tree(windows_, plan_, root));
  return trees;
}

}  // namespace hdecomp
