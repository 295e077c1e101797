/// Running networks and trees for the benchmarks.
#include "bench/tree_runner.h"

#include <algorithm>

#include "kernels/core/copy.h"

namespace hdecomp {

TreeQuestion whole_tree(const Graph& graph) {
  TreeQuestion question;
  question.from = graph.scores();
  question.levels = stages_from_above(graph);
  return question;
}

TreeRunner::TreeRunner(const Context& context, std::shared_ptr<const ModelData> model,
                       int64_t batch)
    : context_(context),
      model_(std::move(model)),
      question_(whole_tree(model_->graph)),
      executor_(context, *model_, batch),
      windows_(context, *model_, executor_),
      probabilities_(context.device(), class_scores(executor_).shape()),
      recordings_(windows_, batch) {}

TreeRun TreeRunner::tree_run() {
  const bool on_gpu = context_.device().kind == DeviceKind::cuda;
  return {windows_, question_, on_gpu ? &recordings_ : nullptr};
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

std::vector<ValuedNeuron> TreeRunner::strongest() const {
  const Tensor scores = on_host(context_, class_scores(executor_));
  context_.finish();
  return strongest_of(scores);
}

std::vector<BuiltTree> TreeRunner::trees(const std::vector<ValuedNeuron>& roots) {
  return tree_run().finish(roots);
}

void TreeRunner::begin(const Tensor& images) {
  Begun begun{{}, tree_run(), {}};
  if (begun.trees.unattended()) {
    begun.run = start_forward(context_, executor_, images, probabilities_, windows_.host_pool());
    begun.trees.begin(-1, images.shape()[0]);
  } else {
    forward(images);
    begun.built = begun.trees.finish(strongest());
  }
  begun_.push_back(std::move(begun));
}

std::vector<BuiltTree> TreeRunner::finish() {
  Begun begun = std::move(begun_.front());
  begun_.pop_front();
  if (!begun.trees.unattended()) return std::move(begun.built);
  begun.run.read->wait();
  return begun.trees.finish(strongest_of(begun.run.scores));
}

}  // namespace hdecomp
