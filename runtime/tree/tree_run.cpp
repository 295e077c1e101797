/// Choosing who leads, and growing the trees from what is computed now or was computed before.
#include "runtime/tree/tree_run.h"

#include "hdecomp/stopwatch.h"
#include "kernels/gap/root_decisions.h"
#include "runtime/network/forward_run.h"
#include "runtime/tree/grow_trees.h"
#include "runtime/tree/refined_steps.h"

namespace hdecomp {

TreeRun::TreeRun(WindowExecutor& windows, TreeQuestion question, TreeRecordings* recordings)
    : windows_(windows), question_(std::move(question)) {
  if (recordings != nullptr) recorded_ = recordings->of(question_);
}

bool TreeRun::begin(int64_t asked, int64_t images) {
  if (!recorded_) return false;
  root_decisions(windows_.context(), class_scores(windows_.executor()), asked, images,
                 recorded_->roots());
  started_ = recorded_->start();
  return true;
}

std::vector<BuiltTree> TreeRun::finish(const std::vector<ValuedNeuron>& roots) {
  const bool ahead = started_.done() != nullptr;
  Stopwatch watch;
  if (recorded_ && !ahead) {
    recorded_->upload(roots);
    started_ = recorded_->start();
  }
  if (recorded_) started_.done()->wait();
  const double device_ms = ahead ? started_.done()->ms_since(*started_.begun) : 0;
  if (ahead) watch = {};
  const auto computed_now = [&](size_t level, const std::vector<ValuedNeuron>& decisions) {
    if (!question_.plain()) return refined_steps(windows_, question_, level, decisions);
    return gap_steps(windows_, question_.step(level), decisions);
  };
  const auto read = [&](size_t level, const std::vector<ValuedNeuron>& decisions) {
    return steps_of(windows_, question_.step(level), decisions, started_.copied.levels[level]);
  };
  std::vector<BuiltTree> trees = grow_trees(
      windows_, question_, roots, recorded_ ? SourceOfSteps(read) : SourceOfSteps(computed_now));
  started_ = {};
  ms_ = device_ms + watch.ms();
  return trees;
}

}  // namespace hdecomp
