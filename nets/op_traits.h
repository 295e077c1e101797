/// The table of ops: what the floors need to know of each, one row per op. nets/README.md says what
/// else a new op brings along.
#pragma once

#include <optional>
#include <span>

#include "kernels/cell/cell_formula.h"
#include "kernels/core/window.h"
#include "nets/graph.h"
#include "nets/op_bounds.h"

namespace hdecomp {

/// A value that a row must state: it has no default.
template <class T>
struct Stated {
  constexpr Stated(T stated) : value(stated) {}
  constexpr operator T() const { return value; }
  T value;
};

/// What of its inputs one cell of a node is computed from.
enum class Reach {
  nothing,
  cell,    // the same cell; of an input of one cell that one: windows there are whole
  kernel,  // the rectangle under the node's kernel
  map,     // all of them: windows below are whole
};

/// What a node's channels are made of.
enum class Channels {
  none,
  same,          // each of the same channel of every input
  side_by_side,  // the inputs' channels, one input after another
  mixed,         // each of all channels of its group: a product with weights
  crossed,       // any of any, without a product: moved, or normalised together
};

/// What the gradient depends on beside the node's own output, which its activation reads.
enum class Reads {
  nothing,
  input,   // the feature of the input that it goes to
  inputs,  // the features of all inputs
};

/// What computes a node (runtime/network/node_runner.cpp).
enum class Runner {
  none,
  conv,
  linear,
  max_pool,
  adaptive_avg_pool,
  add,  // of maps as large as the sum; a broadcast one: cells
  concat,
  cells,  // the op's formula
};

/// How layer-wise relevance propagation goes through a node (runtime/saliency/lrp_rule.h).
enum class Relevance {
  gradient,     // as the gradient does: maxima, moves
  pass,         // as it is
  share,        // in equal parts to the factors
  first,        // all to the first input
  sum,          // by each term's part of the sum
  convolution,  // by the method's rule for convolutions
  linear,       // by its rule for linear layers
};

/// A field without a default is one that a new op must think of: a forgotten one does not compile,
/// where a default could weaken a check without a word.
struct OpTraits {
  Op op;
  const char* name;
  int least_inputs = 1, most_inputs = 1;
  /// The output's extent. Throws UserError if the inputs do not fit.
  FeatureShape (*shape)(const Node& node, std::span<const FeatureShape> inputs) = nullptr;
  /// The weight's extent by the first input's; null for ops without weights.
  std::vector<int64_t> (*weight_dims)(const Node& node, const FeatureShape& in) = nullptr;
  /// The most that |output| can be, before the activation.
  Stated<double (*)(const Node& node, const FeatureShape& shape, const NodeSizes& sizes)> bound;
  /// How often a term of an output is rounded in float32, at most: `weights` are those of one
  /// output channel.
  Stated<int64_t (*)(const Node& node, const FeatureShape& in, int64_t weights)> roundings;
  Stated<Reach> reach;
  Stated<Channels> channels;
  Reads backward_reads = Reads::nothing;
  Stated<Runner> runner;
  std::optional<CellFormula> formula = {};  // of those that may run as cells
  Stated<Relevance> relevance;
  /// No output is negative where no input is, whatever the weights.
  bool keeps_sign = false;
  /// An input that is 0 gets no relevance, if no output that is 0 has any.
  bool zero_gets_none = false;
  bool keeps_index = false;   // forward leaves a number per output, as large as it: arg-max
  bool takes_one_hot = true;  // a decision of its own may go down as one number; else as its map
  bool activates = false;     // the node may end in an activation
  bool has_bias = true;       // beside its weight, if it has one
};

/// All rows, in Op's order.
std::span<const OpTraits> op_table();
const OpTraits& traits(Op op);

/// What a node's channels are made of. Where one input is broadcast over the other's channels or
/// map, or each channel has a weight of its own, they are crossed: all are computed together.
Channels channels_of(const Graph& graph, int node);

/// A node's kernel, as windows need it: identities for ops without one.
WindowKernels kernels_of(const Node& node);

/// The window of the input (of shape `in`) that a node's window depends on.
Window window_below(const Node& node, const Window& above, const FeatureShape& in);

/// Where the channels of a node's input number `which` begin among the node's own: for
/// Channels::side_by_side.
int64_t channel_offset(const Graph& graph, int node, size_t which);

}  // namespace hdecomp
