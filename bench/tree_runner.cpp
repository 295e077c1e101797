/// Running networks and trees for the benchmarks.
#include "bench/tree_runner.h"

#include <algorithm>

#include "kernels/core/copy.h"

namespace hdecomp {

TreePlan whole_tree(const Graph& graph) {
  TreePlan plan;
  plan.from = graph.scores();
  plan.levels = stages_from_above(graph);
  return plan;
}

TreeRunner::TreeRunner(const Context& context, std::shared_ptr<const ModelData> model,
                       int64_t batch)
    : context_(context),
      model_(std::move(model)),
      plan_(whole_tree(model_->graph)),
      executor_(context, *model_, batch),
      windows_(context, *model_, executor_) {
  const bool on_gpu = context.device().kind == DeviceKind::cuda;
  if (on_gpu && RecordedTrees::fits(graph(), plan_, batch)) {
    recorded_.emplace(windows_, plan_, batch);
  }
}

std::vector<Neuron> TreeRunner::strongest() const {
  const Tensor scores = on_host(context_, executor_.feature(plan_.from));
  context_.finish();
  const int64_t classes = scores.elements() / executor_.batch();
  std::vector<Neuron> roots;
  for (int64_t image = 0; image < executor_.batch(); ++image) {
    const auto row = scores.span().subspan(image * classes, classes);
    roots.push_back({std::ranges::max_element(row) - row.begin(), 0, 0, image});
  }
  return roots;
}

std::vector<BuiltTree> TreeRunner::trees(const std::vector<Neuron>& roots) {
  return recorded_ ? recorded_->run(roots) : build_trees(windows_, plan_, roots);
}

}  // namespace hdecomp
