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

/// Where nothing is computed: a maximum, a move, the activation that ends a node.
int64_t none(const Node&, const FeatureShape&, int64_t) { return 0; }
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
    OpTraits{.op = Op::input,
             .name = "input",
             .least_inputs = 0,
             .most_inputs = 0,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::nothing,
             .channels = Channels::none,
             .runner = Runner::none,
             .relevance = Relevance::gradient},
    OpTraits{.op = Op::conv,
             .name = "conv",
             .shape = shape_rules::conv,
             .weight_dims = shape_rules::conv_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::weighted,
             .reach = Reach::kernel,
             .channels = Channels::mixed,
             .runner = Runner::conv,
             .relevance = Relevance::convolution,
             .zero_gets_none = true,
             .activates = true},
    OpTraits{.op = Op::linear,
             .name = "linear",
             .shape = shape_rules::linear,
             .weight_dims = shape_rules::linear_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::weighted,
             .reach = Reach::map,
             .channels = Channels::mixed,
             .runner = Runner::linear,
             .relevance = Relevance::linear,
             .zero_gets_none = true,
             .activates = true},
    OpTraits{.op = Op::max_pool,
             .name = "max_pool",
             .shape = shape_rules::pool,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::kernel,
             .channels = Channels::same,
             .backward_reads = Reads::input,
             .runner = Runner::max_pool,
             .relevance = Relevance::gradient,
             .keeps_sign = true,
             .zero_gets_none = true,
             .keeps_index = true},
    OpTraits{.op = Op::avg_pool,
             .name = "avg_pool",
             .shape = shape_rules::pool,
             .bound = bound_rules::largest,
             .roundings = roundings::kernel,
             .reach = Reach::kernel,
             .channels = Channels::same,
             .runner = Runner::cells,
             .formula = CellFormula::mean,
             .relevance = Relevance::sum,
             .keeps_sign = true,
             .zero_gets_none = true},
    // Its cells reach unequal rectangles: a decision in it has no window of one size.
    OpTraits{.op = Op::adaptive_avg_pool,
             .name = "adaptive_avg_pool",
             .shape = shape_rules::adaptive_pool,
             .bound = bound_rules::largest,
             .roundings = roundings::map,
             .reach = Reach::map,
             .channels = Channels::same,
             .runner = Runner::adaptive_avg_pool,
             .relevance = Relevance::sum,
             .keeps_sign = true,
             .zero_gets_none = true,
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
             .runner = Runner::add,
             .formula = CellFormula::add,
             .relevance = Relevance::sum,
             .keeps_sign = true,
             .zero_gets_none = true,
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
             .runner = Runner::cells,
             .formula = CellFormula::sub,
             .relevance = Relevance::sum,
             .zero_gets_none = true,
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
             .runner = Runner::cells,
             .formula = CellFormula::mul,
             .relevance = Relevance::share,
             .keeps_sign = true,
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
             .runner = Runner::cells,
             .formula = CellFormula::div,
             .relevance = Relevance::first,
             .activates = true},
    OpTraits{.op = Op::concat,
             .name = "concat",
             .least_inputs = 1,
             .most_inputs = many,
             .shape = shape_rules::concat,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::cell,
             .channels = Channels::side_by_side,
             .runner = Runner::concat,
             .relevance = Relevance::gradient,
             .keeps_sign = true,
             .zero_gets_none = true},
    OpTraits{.op = Op::activation,
             .name = "activation",
             .shape = shape_rules::activation,
             .bound = bound_rules::activation,
             .roundings = roundings::function,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::input,
             .runner = Runner::cells,
             .formula = CellFormula::scalar,
             .relevance = Relevance::pass},
    OpTraits{.op = Op::prelu,
             .name = "prelu",
             .shape = shape_rules::same,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::prelu,
             .roundings = roundings::once,
             .reach = Reach::cell,
             .channels = Channels::same,
             .backward_reads = Reads::input,
             .runner = Runner::cells,
             .formula = CellFormula::prelu,
             .relevance = Relevance::pass,
             .has_bias = false},
    OpTraits{.op = Op::affine,
             .name = "affine",
             .shape = shape_rules::same,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::weighted,
             .roundings = roundings::product_and_sum,
             .reach = Reach::cell,
             .channels = Channels::same,
             .runner = Runner::cells,
             .formula = CellFormula::affine,
             .relevance = Relevance::pass,
             .activates = true},
    OpTraits{.op = Op::slice,
             .name = "slice",
             .shape = shape_rules::slice,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .runner = Runner::cells,
             .formula = CellFormula::move,
             .relevance = Relevance::gradient,
             .keeps_sign = true,
             .zero_gets_none = true},
    OpTraits{.op = Op::pad,
             .name = "pad",
             .shape = shape_rules::pad,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::kernel,
             .channels = Channels::crossed,
             .runner = Runner::cells,
             .formula = CellFormula::move,
             .relevance = Relevance::gradient,
             .keeps_sign = true},
    OpTraits{.op = Op::channel_shuffle,
             .name = "channel_shuffle",
             .shape = shape_rules::shuffle,
             .bound = bound_rules::largest,
             .roundings = roundings::none,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .runner = Runner::cells,
             .formula = CellFormula::move,
             .relevance = Relevance::gradient,
             .keeps_sign = true,
             .zero_gets_none = true},
    OpTraits{.op = Op::lrn,
             .name = "lrn",
             .shape = shape_rules::lrn,
             .bound = bound_rules::lrn,
             .roundings = roundings::lrn,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .backward_reads = Reads::input,
             .runner = Runner::cells,
             .formula = CellFormula::lrn,
             .relevance = Relevance::pass},
    OpTraits{.op = Op::layer_norm,
             .name = "layer_norm",
             .shape = shape_rules::layer_norm,
             .weight_dims = shape_rules::channel_weight,
             .bound = bound_rules::layer_norm,
             .roundings = roundings::layer_norm,
             .reach = Reach::cell,
             .channels = Channels::crossed,
             .backward_reads = Reads::input,
             .runner = Runner::cells,
             .formula = CellFormula::layer_norm,
             .relevance = Relevance::pass},
};

/// A row for each op, in Op's order, that says how its outputs' extent and values are computed.
constexpr bool is_complete() {
  for (size_t i = 0; i < table.size(); ++i) {
    const OpTraits& row = table[i];
    const bool cells = row.runner == Runner::cells || row.runner == Runner::add;
    if (row.op != static_cast<Op>(i) || row.formula.has_value() != cells) return false;
    if (i > 0 && (row.shape == nullptr || row.runner == Runner::none)) return false;
  }
  return table.size() == op_count;
}
static_assert(is_complete());

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
