/// Nodes that a level's gradients pass on the CPU without being there: what lies above writes what
/// lies below at once.
#include <algorithm>

#include "kernels/cell/cell_window_rows_cpu.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {
namespace {

/// Whether two slices have every channel of a map, and none twice.
bool covers(const Node& a, const Node& b, const FeatureShape& map) {
  const Node &low = a.first_channel == 0 ? a : b, &high = a.first_channel == 0 ? b : a;
  return low.first_channel == 0 && low.out_channels == high.first_channel &&
         high.first_channel + high.out_channels == map.channels;
}

}  // namespace

/// Whether a convolution's sums pass the node below it: nothing else reads that, windows are alike,
/// and what it reads has no activation that is to follow.
bool WindowExecutor::passes_through(int index, int to, const WindowBatch& above,
                                    const WindowPlan& plan) const {
  const std::vector<Node>& nodes = model_.graph.nodes;
  const Node& conv = nodes[index];
  if (!shares_memory(above) || conv.op != Op::conv) return false;
  const int passed = conv.inputs[0];
  if (passed == to || (nodes[passed].op != Op::affine && nodes[passed].op != Op::activation)) {
    return false;
  }
  const int under = nodes[passed].inputs[0];
  const bool alone = plan.last_writer[passed] == index && batches_[passed].data.data() == nullptr;
  const bool activation_follows = plan.last_writer[under] == passed && under != to &&
                                  nodes[under].activation != Activation::none;
  if (!alone || activation_follows || plan.windows[passed] != plan.windows[under]) return false;
  if (nodes[passed].op == Op::affine) {
    return plan.windows[under] == above.window && conv.groups == 1 &&
           kernels_of(conv).is_identity();
  }
  // Slopes are found for whole maps.
  const int64_t channels = model_.graph.shapes[passed].channels;
  return plan.windows[under].whole() && conv.groups == channels && above.channels == channels &&
         channels > 1;
}

/// A convolution whose input is a node of scales or of a function: its sums pass that on their way
/// out, and the node has no gradient of its own. False where that cannot be.
bool WindowExecutor::pass_through(int index, int to, const SharedBatch& above,
                                  const WindowPlan& plan, ReluRule rule) {
  if (!passes_through(index, to, *above, plan)) return false;
  const int passed = model_.graph.nodes[index].inputs[0];
  const Node& node = model_.graph.nodes[passed];
  const int under = node.inputs[0];
  const Accumulate into = take_batch(under, above, {}, plan);
  GradientBelow target{batches_[under], into};
  if (node.op == Op::affine) {
    target.through = {mask_of(passed, *above, plan, rule), model_.layers[passed].weight.data()};
  } else {
    target.sloped = {&executor_.feature(under), node.function, cpu::function_slopes};
  }
  const Tensor* not_read = nullptr;
  executor_.runner(index).window_backward(0, {&not_read, 1}, *above, target);
  return true;
}

/// The nodes on the way that read a node.
std::vector<int> WindowExecutor::readers(int node, const WindowPlan& plan) const {
  const std::vector<Node>& nodes = model_.graph.nodes;
  std::vector<int> found;
  for (int i = node + 1; i < static_cast<int>(nodes.size()); ++i) {
    if (plan.between[i] && std::ranges::count(nodes[i].inputs, node) > 0) found.push_back(i);
  }
  return found;
}

/// A slice of shuffled channels: each goes to the channel that the shuffle took it from, and the
/// shuffle has no gradient of its own. False where something else reads the shuffle, too.
bool WindowExecutor::pass_shuffled(int index, int to, const SharedBatch& above,
                                   const WindowPlan& plan) {
  const std::vector<Node>& nodes = model_.graph.nodes;
  const Node& slice = nodes[index];
  if (!shares_memory(*above) || slice.op != Op::slice) return false;
  const int shuffle = slice.inputs[0];
  if (shuffle == to || nodes[shuffle].op != Op::channel_shuffle) return false;
  const int under = nodes[shuffle].inputs[0];
  const std::vector<int> slices = readers(shuffle, plan);
  const auto is_slice = [&](int node) { return nodes[node].op == Op::slice; };
  if (!std::ranges::all_of(slices, is_slice) || nodes[under].activation != Activation::none) {
    return false;
  }
  CellOp both;
  both.formula = CellFormula::move;
  both.groups = nodes[shuffle].groups;
  both.skipped = slice.first_channel;
  GradientBelow target{batches_[under], take_batch(under, above, {}, plan)};
  // Two that share no channel and leave out none write their own each.
  target.own_alone = slices.size() == 2 && readers(under, plan).size() == 1 &&
                     covers(nodes[slices[0]], nodes[slices[1]], model_.graph.shapes[shuffle]);
  if (target.own_alone) target.into = Accumulate::empty;
  const Tensor* not_read = nullptr;
  cell_window_backward(context_, both, 0, {&not_read, 1}, nullptr, *above, target);
  return true;
}

}  // namespace hdecomp
