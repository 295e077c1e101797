/// Windows through a network: planned down the graph, then computed one layer at a time for a whole
/// level.
#include "runtime/network/window_executor.h"

#include <algorithm>
#include <utility>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

/// A decision's own window: itself, or, where its op takes no one-hot decisions, its whole map.
Window decision_window(const Graph& graph, int from) {
  const FeatureShape& shape = graph.shapes[from];
  if (!traits(graph.nodes[from].op).takes_one_hot) return whole_window(shape.height, shape.width);
  return window_at_decision(shape.height, shape.width);
}

/// Multiply-adds of one decision's product at a node.
double product_size(const Graph& graph, int index, const Window& above, bool is_decision) {
  if (traits(graph.nodes[index].op).channels != Channels::mixed) return 0;
  if (is_decision) return 0;  // its row is gathered
  return static_cast<double>(Shape(weight_dims(graph, index)).elements() * above.area());
}

}  // namespace

WindowPlan plan_windows(const Graph& graph, int from, int to) {
  WindowPlan plan;
  plan.between = nodes_down_to(graph, from, to);
  plan.windows.resize(graph.nodes.size());
  plan.last_writer.resize(graph.nodes.size(), -1);
  std::vector<bool> reached(graph.nodes.size(), false);
  plan.windows[from] = decision_window(graph, from);
  for (int i = from; i > to; --i) {
    if (!plan.between[i]) continue;
    plan.multiply_adds += product_size(graph, i, plan.windows[i], i == from);
    for (const int input : graph.nodes[i].inputs) {
      if (!plan.between[input]) continue;
      const Window below = window_below(graph.nodes[i], plan.windows[i], graph.shapes[input]);
      plan.windows[input] = reached[input] ? united(plan.windows[input], below) : below;
      reached[input] = true;
      plan.last_writer[input] = i;
    }
  }
  return plan;
}

WindowExecutor::WindowExecutor(const Context& context, const ModelData& model,
                               const Executor& executor)
    : context_(context),
      model_(model),
      executor_(executor),
      pool_(executor.pool().shared_from_this()),
      host_pool_(
          std::make_shared<BufferPool>(context.device(), BufferPool::Kind::host_for_copies)) {}

const WindowPlan& WindowExecutor::plan(int from, int to) {
  const auto found = plans_.find({from, to});
  if (found != plans_.end()) return found->second;
  return plans_.emplace(std::pair{from, to}, plan_windows(model_.graph, from, to)).first->second;
}

PlaceTensor WindowExecutor::upload(std::span<const Neuron> neurons) const {
  PlaceTensor places = take_tensor<Place>(*pool_, {std::ssize(neurons)});
  copy_bytes(context_, neurons.data(), places.data(), static_cast<int64_t>(neurons.size_bytes()));
  return places;
}

WindowBatch WindowExecutor::gradients(int from, std::span<const Neuron> neurons, int to,
                                      ReluRule rule) {
  const WindowPlan& windows = plan(from, to);
  const FeatureShape& shape = model_.graph.shapes[from];
  batches_.clear();  // an error in the last call may have left some of its batches
  batches_.resize(model_.graph.nodes.size());
  WindowBatch& decisions = batches_[from];
  decisions = {};
  decisions.window = window_at_decision(shape.height, shape.width);
  decisions.channels = shape.channels;
  decisions.one_hot = true;
  decisions.places = neurons;
  decisions.pool = pool_;
  write_out_decisions(from, windows.windows[from]);
  for (int i = from; i > to; --i) {
    if (windows.between[i]) backward_node(i, to, windows, rule);
  }
  return std::exchange(batches_[to], {});
}

/// Where decisions cannot go down as one number each: over their node's window, or because the
/// node's activation may not pass a positive feature.
void WindowExecutor::write_out_decisions(int from, const Window& window) {
  const Node& node = model_.graph.nodes[from];
  const bool may_stop = has_upper_bound(node.activation);
  if (traits(node.op).takes_one_hot && !may_stop) return;
  WindowBatch& decisions = batches_[from];
  WindowBatch written = window_batch_like(decisions, window, decisions.channels);
  GradientBelow target{written};
  if (may_stop) target.mask = {&executor_.feature(from), ReluRule::plain, node.activation};
  copy_window_backward(context_, decisions, target);
  decisions = std::move(written);
}

/// Carries the gradient of node `index` to those of its inputs that lie on the way, then frees it.
void WindowExecutor::backward_node(int index, int to, const WindowPlan& plan, ReluRule rule) {
  const Node& node = model_.graph.nodes[index];
  const SharedBatch above = std::make_shared<const WindowBatch>(std::exchange(batches_[index], {}));
  if (!above->one_hot && above->data.data() == nullptr) return;  // passed by pass_through()
  try {
    if (pass_through(index, to, above, plan, rule)) return;
    if (pass_shuffled(index, to, above, plan)) return;
    const size_t inputs = node.inputs.size();
    const std::optional<size_t> heir = heir_of(index, *above, plan);
    const size_t last = heir.value_or(inputs - 1);
    for (size_t i = 1; i <= inputs; ++i) {
      const size_t k = (last + i) % inputs;
      if (plan.between[node.inputs[k]]) carry({index, k, to}, above, k == heir, plan, rule);
    }
  } catch (const Error& fault) {
    throw Error(joined("layer ", node.name, ": ", fault.what()));
  }
}

/// The last branch that reaches an input puts the sum through that input's activation.
void WindowExecutor::carry(const Branch& branch, const SharedBatch& above, bool in_place,
                           const WindowPlan& plan, ReluRule rule) {
  const auto& [index, k, to] = branch;
  const Node& node = model_.graph.nodes[index];
  const int input = node.inputs[k];
  if (comes_one_hot(branch, *above, plan)) {
    batches_[input] =
        channels_of(*above, first_channel_below(branch, *above) - above->first_channel,
                    model_.graph.shapes[input].channels);
    return;
  }
  const std::optional<int64_t> part = in_place ? 0 : part_of_concat(index, k, *above);
  const Accumulate into = take_batch(input, above, part, plan);
  const bool again =
      std::find(node.inputs.begin() + k + 1, node.inputs.end(), input) != node.inputs.end();
  GradientBelow target{batches_[input], into};
  if (plan.last_writer[input] == index && !again && input != to) {
    target.mask = mask_of(input, *above, plan, rule);
  }
  std::vector<const Tensor*> features(node.inputs.size());
  for_each_read(node, k, [&](size_t i) { features[i] = &executor_.feature(node.inputs[i]); });
  executor_.runner(index).window_backward(k, features, *above, target);
}

/// What a node's activation lets down of its gradient.
ActivationMask WindowExecutor::mask_of(int node, const WindowBatch& above, const WindowPlan& plan,
                                       ReluRule rule) const {
  const Activation activation = model_.graph.nodes[node].activation;
  if (activation == Activation::none) return {};
  return {&executor_.feature_in(node, plan.windows[node], above.places), rule, activation};
}

}  // namespace hdecomp
