/// The selective backward pass: the gradients of a whole level of decisions, inside their windows
/// alone. DenseGradient is the reference that it is tested against.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/window/window_backward.h"
#include "runtime/network/executor.h"

namespace hdecomp {

/// The window of every node between two layers: made once per pair, read often.
struct WindowPlan {
  std::vector<bool> between;     // nodes that the gradient passes
  std::vector<Window> windows;   // of those nodes
  std::vector<int> last_writer;  // the last node that adds to each one's gradient
  double multiply_adds = 0;      // of the products for one decision
};
WindowPlan plan_windows(const Graph& graph, int from, int to);

class WindowExecutor {
 public:
  /// Reads the features of `executor`'s last forward run; all three must outlive it.
  WindowExecutor(const Context& context, const ModelData& model, const Executor& executor);

  /// Eq. 2 for every neuron of `neurons` (in the device's memory, which must stay while the result
  /// is used) at once: G = dF_from / dF_to. The neurons' values must be positive, or `from` have no
  /// ReLU; one at ReLU6's upper bound has no gradient. Throws Error if `to` is not below `from`.
  /// Under ReluRule::guided, guided backpropagation in its place; the neurons' own ReLU passes
  /// the 1. Takes its memory from pool(), waits for nothing.
  WindowBatch gradients(int from, std::span<const Neuron> neurons, int to,
                        ReluRule rule = ReluRule::plain);
  const WindowPlan& plan(int from, int to);

  const Context& context() const { return context_; }
  const Graph& graph() const { return model_.graph; }
  const Executor& executor() const { return executor_; }
  BufferPool& pool() const { return *pool_; }
  /// Host memory for what comes back from the device.
  BufferPool& host_pool() const { return *host_pool_; }
  /// Decisions in the device's memory, as gradients() wants them; from pool().
  PlaceTensor upload(std::span<const Neuron> neurons) const;

 private:
  using SharedBatch = std::shared_ptr<const WindowBatch>;
  /// From a node to its input number k, on the way to `to`.
  struct Branch {
    int index;
    size_t k;
    int to;
  };

  void write_out_decisions(int from, const Window& window);
  void backward_node(int index, int to, const WindowPlan& plan, ReluRule rule);
  void carry(const Branch& branch, const SharedBatch& above, bool in_place, const WindowPlan& plan,
             ReluRule rule);
  bool pass_through(int index, int to, const SharedBatch& above, const WindowPlan& plan,
                    ReluRule rule);
  ActivationMask mask_of(int node, const WindowBatch& above, const WindowPlan& plan,
                         ReluRule rule) const;

  bool shares_memory(const WindowBatch& above) const;
  std::optional<size_t> heir_of(int index, const WindowBatch& above, const WindowPlan& plan) const;
  bool comes_one_hot(const Branch& branch, const WindowBatch& above, const WindowPlan& plan) const;
  int64_t first_channel_below(const Branch& branch, const WindowBatch& above) const;
  std::optional<int64_t> part_of_concat(int index, size_t k, const WindowBatch& above) const;
  Accumulate take_batch(int node, const SharedBatch& above, std::optional<int64_t> part,
                        const WindowPlan& plan);
  std::vector<int> readers(int node, const WindowPlan& plan) const;
  bool pass_shuffled(int index, int to, const SharedBatch& above, const WindowPlan& plan);
  bool passes_through(int index, int to, const WindowBatch& above, const WindowPlan& plan) const;

  const Context& context_;
  const ModelData& model_;
  const Executor& executor_;
  std::map<std::pair<int, int>, WindowPlan> plans_;
  std::shared_ptr<BufferPool> pool_;  // the executor's; of a level's gradients and results
  std::shared_ptr<BufferPool> host_pool_;
  std::vector<WindowBatch> batches_;  // one per node, while gradients() passes it
};

}  // namespace hdecomp
