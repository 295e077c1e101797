/// Windows through a network: planned down the graph, then computed one layer at a time for a whole
/// level.
#include "runtime/window_executor.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

WindowKernel kernel_of(const Node& node) { return {node.kernel, node.stride, node.pad}; }

Window below_node(const Node& node, const Window& above, const FeatureShape& in) {
  switch (node.op) {
    case Op::conv:
    case Op::max_pool:
      return window_below(above, kernel_of(node), in.height, in.width);
    case Op::add:
      return above;
    case Op::linear:
    case Op::adaptive_avg_pool:
    case Op::input:
      break;
  }
  return whole_window(in.height, in.width);
}

/// A decision's own window: itself, or all of an adaptive pool's map, whose cells reach unequal
/// rectangles.
Window decision_window(const Graph& graph, int from) {
  const FeatureShape& shape = graph.shapes[from];
  if (graph.nodes[from].op == Op::adaptive_avg_pool) return whole_window(shape.height, shape.width);
  return window_at_decision(shape.height, shape.width);
}

/// The decisions' gradient to themselves, written out over a whole map.
void write_out(WindowBatch& batch) {
  take_data(batch);
  std::ranges::fill(batch.data.span(), 0.0f);
  for (int64_t d = 0; d < batch.decisions(); ++d) {
    const Place& place = batch.places[d];
    batch.plane(place.channel, d)[place.y * batch.window.x.size + place.x] = 1;
  }
  batch.one_hot = false;
}

/// Multiply-adds of one decision's product at a node.
double product_size(const Graph& graph, int index, const Window& above, bool is_decision) {
  if (!has_weights(graph.nodes[index]) || is_decision) return 0;  // a decision's row is gathered
  return static_cast<double>(Shape(weight_dims(graph, index)).elements() * above.area());
}

}  // namespace

WindowPlan plan_windows(const Graph& graph, int from, int to) {
  WindowPlan plan;
  plan.between = nodes_between(graph, from, to);
  if (from == to || !plan.between.at(from)) {
    throw Error(
        text("layer ", graph.nodes.at(to).name, " is not below ", graph.nodes.at(from).name));
  }
  plan.windows.resize(graph.nodes.size());
  std::vector<bool> reached(graph.nodes.size(), false);
  plan.windows[from] = decision_window(graph, from);
  for (int i = from; i > to; --i) {
    if (!plan.between[i]) continue;
    plan.multiply_adds += product_size(graph, i, plan.windows[i], i == from);
    for (const int input : graph.nodes[i].inputs) {
      if (!plan.between[input]) continue;
      const Window below = below_node(graph.nodes[i], plan.windows[i], graph.shapes[input]);
      plan.windows[input] = reached[input] ? united(plan.windows[input], below) : below;
      reached[input] = true;
    }
  }
  return plan;
}

WindowExecutor::WindowExecutor(const Context& context, const ModelData& model,
                               const Executor& executor)
    : context_(context),
      model_(model),
      executor_(executor),
      pool_(std::make_shared<BufferPool>(context.device())) {}

const WindowPlan& WindowExecutor::plan(int from, int to) {
  const auto found = plans_.find({from, to});
  if (found != plans_.end()) return found->second;
  return plans_.emplace(std::pair{from, to}, plan_windows(model_.graph, from, to)).first->second;
}

WindowBatch WindowExecutor::gradients(int from, const std::vector<Neuron>& neurons, int to,
                                      ReluRule rule) {
  const WindowPlan& windows = plan(from, to);
  std::vector<WindowBatch> batches(model_.graph.nodes.size());
  WindowBatch& decisions = batches[from];
  decisions.window = windows.windows[from];
  decisions.channels = model_.graph.shapes[from].channels;
  decisions.one_hot = true;
  decisions.pool = pool_;
  for (const Neuron& neuron : neurons)
    decisions.places.push_back({neuron.channel, neuron.y, neuron.x});
  if (model_.graph.nodes[from].op == Op::adaptive_avg_pool) write_out(decisions);
  for (int i = from; i > to; --i) {
    if (windows.between[i]) backward_node(i, windows, rule, batches);
  }
  return std::move(batches[to]);
}

/// Carries the gradient of node `index` to those of its inputs that lie on the way, then frees it.
void WindowExecutor::backward_node(int index, const WindowPlan& plan, ReluRule rule,
                                   std::vector<WindowBatch>& batches) {
  const Node& node = model_.graph.nodes[index];
  WindowBatch above = std::move(batches[index]);
  if (node.relu && !above.one_hot) {  // a decision is positive itself: its own ReLU passes all
    relu_window_backward(context_, executor_.feature(index), rule, above);
  }
  for (const int input : node.inputs) {
    if (!plan.between[input]) continue;
    WindowBatch& below = batches[input];
    const bool first = below.data.data() == nullptr;
    if (first) {
      below = window_batch_like(above, plan.windows[input], model_.graph.shapes[input].channels);
    }
    backward_op(index, above, below, first);
  }
}

void WindowExecutor::backward_op(int index, const WindowBatch& above, WindowBatch& below,
                                 bool first) {
  const Node& node = model_.graph.nodes[index];
  const Into into = first ? Into::empty : Into::sum;
  switch (node.op) {
    case Op::input:
      throw Error("the input image has no layer below it");
    case Op::conv:
      return conv_window_backward(context_, model_.layers[index].weight, kernel_of(node),
                                  node.groups, above, below, into);
    case Op::linear:
      return linear_window_backward(context_, model_.layers[index].weight, above, below, into);
    case Op::max_pool:
      return max_pool_window_backward(context_, kernel_of(node), executor_.feature(node.inputs[0]),
                                      above, below, into);
    case Op::adaptive_avg_pool:
      return adaptive_avg_pool_window_backward(context_, above, below, into);
    case Op::add:
      return copy_window_backward(context_, above, below, into);
  }
  throw Error(text("layer ", node.name, ": unknown op"));
}

}  // namespace hdecomp
