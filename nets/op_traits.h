/// The table of ops: what the floors need to know of each, one row per op. nets/README.md says what
/// else a new op brings along.
#pragma once

#include <span>

#include "kernels/core/window.h"
#include "nets/graph.h"

namespace hdecomp {

/// What of its inputs one cell of a node is computed from.
enum class Reach {
  nothing,
  cell,    // the same cell
  kernel,  // the rectangle under the node's kernel
  map,     // all of them: windows below are whole
};

/// What a node's channels are made of.
enum class Channels {
  none,
  same,          // each of the same channel of every input
  side_by_side,  // the inputs' channels, one input after another
  mixed,         // each of all channels of its group: a product with weights
};

struct OpTraits {
  Op op;
  const char* name;
  int least_inputs = 0, most_inputs = 0;
  /// The output's extent. Throws UserError if the inputs do not fit.
  FeatureShape (*shape)(const Node& node, std::span<const FeatureShape> inputs) = nullptr;
  /// The weight's extent by the first input's; null for ops without weights.
  std::vector<int64_t> (*weight_dims)(const Node& node, const FeatureShape& in) = nullptr;
  Reach reach;
  Channels channels;
  bool backward_reads_input = false;  // the gradient depends on the input's feature
  bool keeps_index = false;           // forward leaves a number per output, as large as it: arg-max
  bool takes_one_hot = true;  // a decision of its own may go down as one number; else as its map
};

/// All rows, in Op's order.
std::span<const OpTraits> op_table();
const OpTraits& traits(Op op);

/// The window of the input (of shape `in`) that a node's window depends on.
Window window_below(const Node& node, const Window& above, const FeatureShape& in);

/// Where the channels of a node's input number `which` begin among the node's own: for
/// Channels::side_by_side.
int64_t channel_offset(const Graph& graph, int node, size_t which);

}  // namespace hdecomp
