/// The rows, and each op's rule of shapes.
#include "nets/op_traits.h"

#include <algorithm>
#include <array>
#include <limits>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using Inputs = std::span<const FeatureShape>;

int64_t steps(const Node& node, int64_t size) {
  if (size + 2 * node.pad < node.kernel) {
    throw UserError(joined("layer ", node.name, ": its ", node.kernel, "x", node.kernel,
                           " kernel does not fit a map of size ", size,
                           "; the network needs a larger input"));
  }
  return steps_of_kernel(size, node.kernel, node.stride, node.pad, node.rounding);
}

FeatureShape conv_shape(const Node& node, Inputs in) {
  if (in[0].channels % node.groups != 0 || node.out_channels % node.groups != 0) {
    throw UserError(joined("layer ", node.name, ": ", node.groups, " groups do not divide its ",
                           in[0].channels, " and ", node.out_channels, " channels"));
  }
  return {node.out_channels, steps(node, in[0].height), steps(node, in[0].width)};
}
std::vector<int64_t> conv_weight(const Node& node, const FeatureShape& in) {
  return {node.out_channels, in.channels / node.groups, node.kernel, node.kernel};
}

FeatureShape linear_shape(const Node& node, Inputs) { return {node.out_channels, 1, 1}; }
std::vector<int64_t> linear_weight(const Node& node, const FeatureShape& in) {
  return {node.out_channels, in.elements()};
}

FeatureShape pool_shape(const Node& node, Inputs in) {
  return {in[0].channels, steps(node, in[0].height), steps(node, in[0].width)};
}

FeatureShape adaptive_shape(const Node& node, Inputs in) {
  return {in[0].channels, node.pool_size, node.pool_size};
}

FeatureShape equal_shape(const Node& node, Inputs in) {
  if (std::ranges::count(in, in[0]) == std::ssize(in)) return in[0];
  throw UserError(joined("layer ", node.name, ": its two inputs differ in shape"));
}

FeatureShape concat_shape(const Node& node, Inputs in) {
  FeatureShape all{0, in[0].height, in[0].width};
  for (const FeatureShape& each : in) {
    if (each.height != all.height || each.width != all.width) {
      throw UserError(joined("layer ", node.name, ": its inputs differ in height or width"));
    }
    all.channels += each.channels;
  }
  return all;
}

constexpr int many = std::numeric_limits<int>::max();

constexpr std::array table{
    OpTraits{.op = Op::input, .name = "input", .reach = Reach::nothing, .channels = Channels::none},
    OpTraits{.op = Op::conv,
             .name = "conv",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = conv_shape,
             .weight_dims = conv_weight,
             .reach = Reach::kernel,
             .channels = Channels::mixed},
    OpTraits{.op = Op::linear,
             .name = "linear",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = linear_shape,
             .weight_dims = linear_weight,
             .reach = Reach::map,
             .channels = Channels::mixed},
    OpTraits{.op = Op::max_pool,
             .name = "max_pool",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = pool_shape,
             .reach = Reach::kernel,
             .channels = Channels::same,
             .backward_reads_input = true,
             .keeps_index = true},
    // Its cells reach unequal rectangles: a decision in it has no window of one size.
    OpTraits{.op = Op::adaptive_avg_pool,
             .name = "adaptive_avg_pool",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = adaptive_shape,
             .reach = Reach::map,
             .channels = Channels::same,
             .takes_one_hot = false},
    OpTraits{.op = Op::add,
             .name = "add",
             .least_inputs = 2,
             .most_inputs = 2,
             .shape = equal_shape,
             .reach = Reach::cell,
             .channels = Channels::same},
    OpTraits{.op = Op::concat,
             .name = "concat",
             .least_inputs = 1,
             .most_inputs = many,
             .shape = concat_shape,
             .reach = Reach::cell,
             .channels = Channels::side_by_side},
};

constexpr bool in_order() {
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i].op != static_cast<Op>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const OpTraits> op_table() { return table; }

const OpTraits& traits(Op op) { return table.at(static_cast<size_t>(op)); }

Window window_below(const Node& node, const Window& above, const FeatureShape& in) {
  switch (traits(node.op).reach) {
    case Reach::cell:
      return above;
    case Reach::kernel:
      return window_below(above, {node.kernel, node.stride, node.pad}, in.height, in.width);
    case Reach::map:
      return whole_window(in.height, in.width);
    case Reach::nothing:
      break;
  }
  throw Error(joined("layer ", node.name, " has no layer below it"));
}

int64_t channel_offset(const Graph& graph, int node, size_t which) {
  const std::vector<int>& inputs = graph.nodes.at(node).inputs;
  int64_t offset = 0;
  for (size_t k = 0; k < which; ++k) offset += graph.shapes.at(inputs.at(k)).channels;
  return offset;
}

}  // namespace hdecomp
