/// The rows, and the rules of windows.
#include "nets/op_traits.h"

#include <array>
#include <limits>

#include "hdecomp/error.h"
#include "nets/op_shapes.h"

namespace hdecomp {
namespace {

constexpr int many = std::numeric_limits<int>::max();

/// Each term of a sum is rounded in its product, and whenever a later one is added to it.
namespace roundings {

int64_t once(const Node&, const FeatureShape&, int64_t) { return 1; }
int64_t product_and_sum(const Node&, const FeatureShape&, int64_t) { return 2; }
int64_t weighted(const Node&, const FeatureShape&, int64_t weights) { return weights + 1; }
int64_t kernel(const Node& node, const FeatureShape&, int64_t) { return node.y.size * node.x.size; }
int64_t map(const Node&, const FeatureShape& in, int64_t) { return in.height * in.width; }
/// Of the longest formula, GELU's by tanh; exp, tanh and erf err by two roundings.
int64_t function(const Node&, const FeatureShape&, int64_t) { return 10; }
/// A square, their sum, alpha, k, the power (two) and a product.
int64_t lrn(const Node& node, const FeatureShape&, int64_t) { return node.lrn.size + 6; }
/// The sums of mean and variance, and beside them: two quotients, a difference twice, a square,
/// epsilon, a root and its inverse, two products and the shift.
int64_t layer_norm(const Node&, const FeatureShape& in, int64_t) { return 2 * in.channels + 11; }

}  // namespace roundings

constexpr std::array table{
    OpTraits{.op = Op::input, .name = "input", .reach = Reach::nothing, .channels = Channels::none},
    OpTraits{.op = Op::conv,
             .name = "conv",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::conv,
             .weight_dims = shape_rules::conv_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::weighted,
             .reach = Reach::kernel,
             .channels = Channels::mixed,
             .activates = true},
    OpTraits{.op = Op::linear,
             .name = "linear",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::linear,
             .weight_dims = shape_rules::linear_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::weighted,
             .reach = Reach::map,
             .channels = Channels::mixed,
             .activates = true},
    OpTraits{.op = Op::max_pool,
             .name = "max_pool",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::pool,
             .reach = Reach::kernel,
             .channels = Channels::same,
             .backward_reads = Reads::input,
             .keeps_index = true},
    OpTraits{.op = Op::avg_pool,
             .name = "avg_pool",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::pool,
             .roundings = roundings::kernel,
             .reach = Reach::kernel,
             .channels = Channels::same},
    // Its cells reach unequal rectangles: a decision in it has no window of one size.
    OpTraits{.op = Op::adaptive_avg_pool,
             .name = "adaptive_avg_pool",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::adaptive_pool,
             .roundings = roundings::map,
             .reach = Reach::map,
             .channels = Channels::same,
             .takes_one_hot = false},
    OpTraits{.op = Op::add,
             .name = "add",
             .least_inputs = 2,
             .most_inputs = 2,
             .shape = shape_rules::binary,
             .bound = bound_rules::sum,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .activates = true},
    OpTraits{.op = Op::sub,
             .name = "sub",
             .least_inputs = 2,
             .most_inputs = 2,
             .shape = shape_rules::binary,
             .bound = bound_rules::sum,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .activates = true},
    OpTraits{.op = Op::mul,
             .name = "mul",
             .least_inputs = 2,
             .most_inputs = 2,
             .shape = shape_rules::binary,
             .bound = bound_rules::product,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::inputs,
             .activates = true},
    OpTraits{.op = Op::div,
             .name = "div",
             .least_inputs = 2,
             .most_inputs = 2,
             .shape = shape_rules::binary,
             .bound = bound_rules::quotient,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::inputs,
             .activates = true},
    OpTraits{.op = Op::concat,
             .name = "concat",
             .least_inputs = 1,
             .most_inputs = many,
             .shape = shape_rules::concat,
             .reach = Reach::cell,
             .channels = Channels::side_by_side},
    OpTraits{.op = Op::activation,
             .name = "activation",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::activation,
             .bound = bound_rules::activation,
             .roundings = roundings::function,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::input},
    OpTraits{.op = Op::prelu,
             .name = "prelu",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::same,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::prelu,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::input,
             .has_bias = false},
    OpTraits{.op = Op::affine,
             .name = "affine",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::same,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::product_and_sum,
             .reach = Reach::cell,
             .channels = Channels::same,
             .activates = true},
    OpTraits{.op = Op::slice,
             .name = "slice",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::slice,
             .reach = Reach::cell,
             .channels = Channels::crossed},
    OpTraits{.op = Op::pad,
             .name = "pad",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::pad,
             .reach = Reach::kernel,
             .channels = Channels::crossed},
    OpTraits{.op = Op::channel_shuffle,
             .name = "channel_shuffle",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::shuffle,
             .reach = Reach::cell,
             .channels = Channels::crossed},
    OpTraits{.op = Op::lrn,
             .name = "lrn",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::lrn,
             .bound = bound_rules::lrn,
             .roundings = roundings::lrn,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .backward_reads = Reads::input},
    OpTraits{.op = Op::layer_norm,
             .name = "layer_norm",
             .least_inputs = 1,
             .most_inputs = 1,
             .shape = shape_rules::layer_norm,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::layer_norm,
             .roundings = roundings::layer_norm,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .backward_reads = Reads::input},
};

constexpr bool in_order() {
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i].op != static_cast<Op>(i)) return false;
  }
  return true;
}
static_assert(in_order());

/// Adaptive pools aside, an input of one cell beside a larger output is broadcast over its map.
bool is_one_cell_of(const FeatureShape& in, const FeatureShape& out) {
  return in.height * in.width == 1 && out.height * out.width > 1;
}

}  // namespace

std::span<const OpTraits> op_table() { return table; }

const OpTraits& traits(Op op) { return table.at(static_cast<size_t>(op)); }

Channels channels_of(const Graph& graph, int index) {
  const Node& node = graph.nodes.at(index);
  const Channels channels = traits(node.op).channels;
  if (channels != Channels::same) return channels;
  if (has_weights(node)) return Channels::crossed;
  const FeatureShape& out = graph.shapes.at(index);
  for (const int input : node.inputs) {
    const FeatureShape& in = graph.shapes.at(input);
    if (in.channels != out.channels || is_one_cell_of(in, out)) return Channels::crossed;
  }
  return channels;
}

WindowKernels kernels_of(const Node& node) {
  if (traits(node.op).reach != Reach::kernel) return {};
  return {{node.y.size, node.y.stride, node.y.pad, node.y.dilation},
          {node.x.size, node.x.stride, node.x.pad, node.x.dilation}};
}

Window window_below(const Node& node, const Window& above, const FeatureShape& in) {
  switch (traits(node.op).reach) {
    case Reach::cell: {
      const bool one_cell = in.height == 1 && in.width == 1;
      return one_cell ? whole_window(1, 1) : above;
    }
    case Reach::kernel:
      return window_below(above, kernels_of(node), in.height, in.width);
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
