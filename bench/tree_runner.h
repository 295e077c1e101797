/// A network on a device as the Explainer runs it: batches forward, then their trees, recorded on a
/// GPU.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "runtime/network/forward_run.h"
#include "runtime/tree/tree_run.h"

namespace hdecomp {

/// From the class scores through all stage ends, N = 3.
TreeQuestion whole_tree(const Graph& graph);

class TreeRunner {
 public:
  /// `model`'s weights lie on the context's device; the context must outlive this.
  TreeRunner(const Context& context, std::shared_ptr<const ModelData> model, int64_t batch);

  const Context& context() const { return context_; }
  const Graph& graph() const { return model_->graph; }
  const TreeQuestion& question() const { return question_; }
  Executor& executor() { return executor_; }
  WindowExecutor& windows() { return windows_; }

  /// The forward pass; waits for nothing.
  void forward(const Tensor& images, Wanted wanted = Wanted::features) {
    executor_.forward(images, wanted);
  }
  /// Each image's strongest class. Waits for the device.
  std::vector<ValuedNeuron> strongest() const;
  /// Their trees on the host. On a GPU the first run makes plans and the second records.
  std::vector<BuiltTree> trees(const std::vector<ValuedNeuron>& roots);

  /// Forward pass, classes and trees of a batch; on a GPU nothing is waited for, on the CPU it is
  /// all done.
  void begin(const Tensor& images);
  /// The trees of the oldest batch begun.
  std::vector<BuiltTree> finish();

 private:
  TreeRun tree_run();

  struct Begun {
    ForwardRun run;
    TreeRun trees;
    std::vector<BuiltTree> built;  // on the CPU
  };

  const Context& context_;
  std::shared_ptr<const ModelData> model_;
  TreeQuestion question_;
  Executor executor_;
  WindowExecutor windows_;
  Tensor probabilities_;
  TreeRecordings recordings_;
  std::deque<Begun> begun_;
};

/// Runs before one is timed: plans, recording, a first replay.
constexpr int warm_up_runs = 3;

}  // namespace hdecomp
