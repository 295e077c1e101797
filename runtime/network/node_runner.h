/// How a node is computed and differentiated: one class per op. The executors and ablation run
/// every node through it and ask for no op themselves.
#pragma once

#include <memory>
#include <span>

#include "kernels/plan/forward_plan.h"
#include "kernels/window/window_backward.h"
#include "nets/op_traits.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// A node of a model whose weights lie on the context's device. Both must outlive it.
struct NodePlace {
  const Context& context;
  const ModelData& model;
  int index;
};

/// What a forward pass over maps is given: whole maps, or windows of them that hold their halo, so
/// that nothing is padded.
struct MapsGiven {
  bool windows = false;
  int64_t y = 0, x = 0;  // the cell of the node's map that the first computed one is
};

/// Computes y (items, P, h, w) of a node from the same items of its inputs; y may be the last input
/// where there are several.
using MapsForward = ForwardPlan::PlainBody;

/// The features (B, c, h, w) of a node's inputs; null where its traits do not say that they are
/// read.
using InputFeatures = std::span<const Tensor* const>;

/// Calls read(k) for each input of a node whose feature the gradient to input number `which`
/// depends on.
template <class Read>
void for_each_read(const Node& node, size_t which, Read&& read) {
  const Reads reads = traits(node.op).backward_reads;
  for (size_t k = 0; k < node.inputs.size(); ++k) {
    if (reads == Reads::inputs || (reads == Reads::input && k == which)) read(k);
  }
}

class NodeRunner {
 public:
  virtual ~NodeRunner() = default;
  NodeRunner(const NodeRunner&) = delete;
  NodeRunner& operator=(const NodeRunner&) = delete;

  /// Adds the node's step, for up to `batch` images, to a plan whose steps are the graph's nodes.
  /// Where the op has no step of its own, over_maps() is it; the pool must outlive the plan.
  virtual void add_step(ForwardPlan& plan, int64_t batch, BufferPool& pool) const;

  /// The forward pass over `items` items at a time; memory beside y comes from the pool, which must
  /// outlive it. Windows are for nodes whose channels are not mixed.
  virtual MapsForward over_maps(int64_t items, const MapsGiven& given, BufferPool& pool) const = 0;
  /// What windows hold where there is no map.
  virtual float outside() const { return 0; }

  /// Carries a level's gradients from the node, before its activation, to its input number `which`.
  virtual void window_backward(size_t which, const InputFeatures& features,
                               const WindowBatch& above, const GradientBelow& below) const = 0;
  /// Whether `below` may then lie in the memory of `above`, where both have one window: on the CPU,
  /// and not of one-hot decisions.
  virtual bool window_in_place(size_t) const { return false; }
  /// Bytes that this takes beside the windows for each decision.
  virtual int64_t window_scratch() const { return 0; }

  /// The same over whole maps, a map per image: `gradient` and `target` (n, c, h, w), features of
  /// those n images.
  virtual void dense_backward(size_t which, const InputFeatures& features, const Tensor& gradient,
                              Tensor& target) = 0;

 protected:
  explicit NodeRunner(const NodePlace& place) : place_(place) {}

  const Context& context() const { return place_.context; }
  const Graph& graph() const { return place_.model.graph; }
  int index() const { return place_.index; }
  const Node& node() const { return graph().nodes[place_.index]; }
  const FeatureShape& in(size_t which = 0) const { return graph().shapes[node().inputs.at(which)]; }
  const LayerWeights& weights() const { return place_.model.layers[place_.index]; }
  WeightStore* store() const { return place_.model.store.get(); }

 private:
  NodePlace place_;
};

/// Of the node's op; null for the input image.
std::unique_ptr<NodeRunner> make_runner(const NodePlace& place);

}  // namespace hdecomp
