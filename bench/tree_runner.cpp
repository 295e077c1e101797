/// Running networks and trees for the benchmarks.
#include "bench/tree_runner.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/gap/root_decisions.h"

namespace hdecomp {

TreeQuestion whole_tree(const Graph& graph) {
  TreeQuestion plan;
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
      windows_(context, *model_, executor_),
      probabilities_(context.device(), class_scores(executor_).shape()) {
  const bool on_gpu = context.device().kind == DeviceKind::cuda;
  if (on_gpu && RecordedTrees::fits(graph(), plan_, batch)) {
    recorded_.emplace(windows_, plan_, batch);
  }
}

namespace {

/// Each image's strongest class of scores (B, K), and its score.
std::vector<ValuedNeuron> strongest_of(const Tensor& scores) {
  const int64_t images = scores.shape()[0], classes = scores.shape()[1];
  std::vector<ValuedNeuron> roots;
  for (int64_t image = 0; image < images; ++image) {
    const auto row = scores.span().subspan(image * classes, classes);
    const auto best = std::ranges::max_element(row);
    roots.push_back({{best - row.begin(), 0, 0, image}, *best, image});
  }
  return roots;
}

}  // namespace

std::vector<Neuron> TreeRunner::strongest() const {
  const Tensor scores = on_host(context_, class_scores(executor_));
  context_.finish();
  std::vector<Neuron> roots;
  for (const ValuedNeuron& root : strongest_of(scores)) roots.push_back(root.neuron);
  return roots;
}

std::vector<BuiltTree> TreeRunner::trees(const std::vector<Neuron>& roots) {
  return recorded_ ? recorded_->run(roots) : build_trees(windows_, plan_, roots);
}

void TreeRunner::begin(const Tensor& images) {
  Begun begun;
  if (recorded_) {
    begun.run = start_forward(context_, executor_, images, probabilities_, windows_.host_pool());
    root_decisions(context_, class_scores(executor_), -1, images.shape()[0], recorded_->roots());
    begun.started = recorded_->start();
  } else {
    forward(images);
    begun.built = trees(strongest());
  }
  begun_.push_back(std::move(begun));
}

std::vector<BuiltTree> TreeRunner::finish() {
  Begun begun = std::move(begun_.front());
  begun_.pop_front();
  if (!recorded_) return std::move(begun.built);
  begun.run.read->wait();
  return recorded_->finish(begun.started, strongest_of(begun.run.scores));
}

}  // namespace hdecomp
