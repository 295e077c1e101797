/// Recording, replaying and reading whole trees.
#include "runtime/tree/recorded_trees.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/tree/grow_trees.h"

namespace hdecomp {
namespace {

constexpr int64_t max_results = int64_t{1} << 26;  // elements of a level's (D, C): 256 MiB

}  // namespace

RecordedTrees::RecordedTrees(WindowExecutor& windows, const TreeQuestion& plan, int64_t batch)
    : windows_(windows), plan_(plan), batch_(batch), roots_(windows.context().device(), {batch}) {
  int64_t decisions = batch, bytes = 0;
  for (size_t l = 0; l < plan_.levels.size(); ++l) {
    shapes_.push_back(level_shape(windows_.graph(), plan_.step(l), decisions));
    bytes += shapes_.back().bytes();
    decisions *= shapes_.back().choices;
  }
  memory_ = take_tensor<std::byte>(windows_.pool(), {bytes});
  int64_t begin = 0;
  for (size_t l = 0; l < shapes_.size(); ++l) {
    levels_.push_back(lay_out(shapes_[l], memory_.device(), memory_.data() + begin));
    begin += shapes_[l].bytes();
    take_maps(windows_, plan_.step(l), shapes_[l], levels_[l]);
  }
}

bool RecordedTrees::fits(const Graph& graph, const TreeQuestion& plan, int64_t batch) {
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

StartedTrees RecordedTrees::start() {
  const Context& context = windows_.context();
  StartedTrees started;
  if (copied_) copied_->hold_ops();  // the levels' memory may still be on its way to the host
  started.begun = mark(context);
  if (recording_) {
    recording_->replay();
  } else {
    // The first run makes the plans, and leaves the spare memory, that a recording must find. It is
    // recorded at once, before anyone else takes that memory from the pool.
    run_levels();
    recording_ = record(context, [this] { run_levels(); });
  }
  started.copied = copy_to_host(windows_, levels_, shapes_, memory_);
  copied_ = started.copied.done;
  return started;
}

std::vector<BuiltTree> RecordedTrees::finish(const StartedTrees& started,
                                             const std::vector<ValuedNeuron>& decisions) {
  started.done().wait();
  const auto steps = [&](size_t level, const std::vector<ValuedNeuron>& wanted) {
    return steps_of(windows_, plan_.step(level), wanted, started.copied.levels[level]);
  };
  return grow_trees(windows_, plan_, decisions, steps);
}

std::vector<BuiltTree> RecordedTrees::run(const std::vector<Neuron>& roots) {
  if (std::ssize(roots) > batch_) throw Error(text(roots.size(), " roots, at most ", batch_));
  const std::vector<ValuedNeuron> given = valued(windows_.executor(), plan_.from, roots);
  upload(given);
  return finish(start(), given);
}

}  // namespace hdecomp
