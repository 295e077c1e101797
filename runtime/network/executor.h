/// Runs a network forward; features are there for those who ask for them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/network/node_runner.h"

namespace hdecomp {

/// One feature of a layer and an image of the batch: F(channel, y, x). A class score is channel c
/// at (0, 0).
using Neuron = Place;

/// What a run is for.
enum class Wanted { features, scores };

/// Planned once for a model, whose weights lie on the context's device, and up to `batch` images.
/// The context and the model must outlive it.
///
/// On the CPU a run for the scores alone, but for the first, goes by a second plan, whose maps
/// follow each other in the same memory, which its caches hold. If a feature is asked for then, the
/// images are run once more. The bits are the same.
class Executor {
 public:
  Executor(const Context& context, const ModelData& model, int64_t batch = 1);
  /// On the CPU: of the same graph with other weights. Its features lie in the memory of `over`'s,
  /// which must outlive it: what either runs is there for both, so that this one can begin where
  /// the two networks begin to differ.
  Executor(const Context& context, const ModelData& model, const Executor& over);

  /// Computes every node's output for 1 to `batch` images (n, 3, size, size), already normalised,
  /// in host or device memory.
  void forward(const Tensor& images, Wanted wanted = Wanted::features);
  /// The nodes from `first` on again, of `images` images, whose features below lie there by the
  /// last run over this memory. Of one with memory of its own it is the end of its last run.
  void forward_from(int first, int64_t images);

  /// The output of a node in the last forward run, (batch, c, h, w), after its ReLU, on the
  /// context's device; brought to this plain layout when it is first asked for. Only the images of
  /// the run are defined.
  const Tensor& feature(int node) const { return plan_with(node).output(node); }
  /// The same tensor, right at least where it lies in these decisions' windows.
  const Tensor& feature_in(int node, const Window& window,
                           std::span<const Neuron> decisions) const {
    return plan_with(node).output_in(node, window, decisions);
  }
  /// Its steps are the graph's nodes: for what goes over maps as they lie.
  const ForwardPlan& plan() const { return keeping_all(); }
  float value(int node, const Neuron& neuron) const;
  /// One per neuron, in order; waits for the device once.
  std::vector<float> values(int node, std::span<const Neuron> neurons) const;
  /// From the next run on, the largest magnitudes of these nodes' outputs are in magnitudes().
  /// Once.
  void watch(const std::vector<int>& nodes);
  /// (batch, watched nodes) on the context's device, of the last run; none without watch().
  const Tensor& magnitudes() const { return last_plan().magnitudes(); }
  int64_t batch() const { return batch_; }
  const Graph& graph() const { return model_.graph; }
  /// Memory for what is computed beside the features and comes and goes.
  BufferPool& pool() const { return *pool_; }

  /// What runs a node; none for the input image.
  NodeRunner& runner(int node) const { return *runners_.at(node); }

 private:
  Shape feature_shape(int node, int64_t batch) const;
  Executor(const Context& context, const ModelData& model, int64_t batch,
           std::shared_ptr<BufferPool> pool, const ForwardPlan* over);
  std::unique_ptr<ForwardPlan> planned(std::vector<int> last_readers,
                                       const ForwardPlan* over = nullptr) const;
  /// By node, of a plan that keeps the images, the scores and what is watched.
  std::vector<int> last_readers() const;
  /// The last run's.
  const ForwardPlan& last_plan() const { return ran_short_ ? *short_plan_ : *plan_; }
  /// The last run's if it has the node's feature, else that which has all.
  const ForwardPlan& plan_with(int node) const;
  const ForwardPlan& keeping_all() const;

  const Context& context_;
  const ModelData& model_;
  int64_t batch_;
  std::shared_ptr<BufferPool> pool_;
  std::vector<std::unique_ptr<NodeRunner>> runners_;  // one per node
  std::vector<int> watched_;
  std::unique_ptr<ForwardPlan> plan_;        // its steps are the graph's nodes
  std::unique_ptr<ForwardPlan> short_plan_;  // the same without features; made when first wanted
  int64_t images_ = 0;                       // of the last run
  mutable bool ran_short_ = false;           // and no feature was asked for since
};

}  // namespace hdecomp
