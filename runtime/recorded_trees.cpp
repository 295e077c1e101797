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

/// The row of each of a level's decisions in its results; of equal ones any.
using RowOf = std::map<Neuron, int64_t>;

/// The rows of the next level: choice k of row r is its row r * n + k.
RowOf rows_below(const std::vector<ValuedNeuron>& decisions, const std::vector<LevelRow>& rows,
                 const std::vector<GapStep>& steps, int64_t n) {
  RowOf below;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Decomposition& d = steps[i].decomposition;
    for (size_t k = 0; k < d.chosen.size(); ++k) {
      const int64_t channel = d.chosen[k], peak = d.position[channel];
      below.emplace(Neuron{channel, peak / d.width, peak % d.width, decisions[i].neuron.image},
                    rows[i].row * n + static_cast<int64_t>(k));
    }
  }
  return below;
}

}  // namespace

RecordedTrees::RecordedTrees(WindowExecutor& windows, const TreePlan& plan, int64_t batch)
    : windows_(windows), plan_(plan), batch_(batch), roots_(windows.context().device(), {batch}) {
  int64_t decisions = batch;
  for (size_t l = 0; l < plan_.levels.size(); ++l) {
    levels_.push_back(take_level(windows_, plan_.step(l), decisions));
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

void RecordedTrees::run_levels() {
  std::span<const Neuron> decisions = roots_.span();
  for (size_t l = 0; l < levels_.size(); ++l) {
    gap_level(windows_, plan_.step(l), decisions, levels_[l]);
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

/// The trees of what the levels hold now.
std::vector<BuiltTree> RecordedTrees::read(const std::vector<ValuedNeuron>& roots) {
  RowOf row_of;
  for (size_t i = 0; i < roots.size(); ++i) row_of.emplace(roots[i].neuron, i);
  const auto steps = [&](size_t level, const std::vector<ValuedNeuron>& decisions) {
    std::vector<LevelRow> rows;
    for (const ValuedNeuron& decision : decisions) {
      rows.push_back({row_of.at(decision.neuron), decision.value});
    }
    std::vector<GapStep> read = read_level(windows_, plan_.step(level), rows, levels_[level]);
    row_of = rows_below(decisions, rows, read, levels_[level].chosen.shape()[1]);
    return read;
  };
  return grow_trees(windows_, plan_, roots, steps);
}

std::vector<BuiltTree> RecordedTrees::run(const std::vector<Neuron>& roots) {
  const Context& context = windows_.context();
  if (std::ssize(roots) > batch_) throw Error(text(roots.size(), " roots, at most ", batch_));
  const std::vector<ValuedNeuron> given = valued(windows_.executor(), plan_.from, roots);
  upload(given);
  if (recording_) {
    recording_->replay();
  } else {
    // The first run makes the plans, and leaves the spare memory, that a recording must find. It is
    // recorded at once, before anyone else takes that memory from the pool.
    run_levels();
    recording_ = record(context, [this] { run_levels(); });
  }
  return read(given);
}

}  // namespace hdecomp
