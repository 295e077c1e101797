/// What follows of an op's row for its windows and channels.
#include "nets/op_traits.h"

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// Adaptive pools aside, an input of one cell beside a larger output is broadcast over its map.
bool is_one_cell_of(const FeatureShape& in, const FeatureShape& out) {
  return in.height * in.width == 1 && out.height * out.width > 1;
}

}  // namespace

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
