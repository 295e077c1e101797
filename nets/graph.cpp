/// Shape inference and reachability over a Graph.
#include "nets/graph.h"

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

int64_t slide(const Node& node, int64_t size) {
  const int64_t room = size + 2 * node.pad - node.kernel;
  if (room < 0) {
    throw UserError(text("layer ", node.name, ": its ", node.kernel, "x", node.kernel,
                         " kernel does not fit a map of size ", size,
                         "; the network needs a larger input"));
  }
  return room / node.stride + 1;
}

FeatureShape output_shape(const Node& node, const FeatureShape& in) {
  switch (node.op) {
    case Op::input:
    case Op::add:
      return in;
    case Op::conv:
      return {node.out_channels, slide(node, in.height), slide(node, in.width)};
    case Op::max_pool:
      return {in.channels, slide(node, in.height), slide(node, in.width)};
    case Op::adaptive_avg_pool:
      return {in.channels, node.pool_size, node.pool_size};
    case Op::linear:
      return {node.out_channels, 1, 1};
  }
  throw Error("output_shape: unknown op");
}

}  // namespace

std::vector<int> stages_from_above(const Graph& graph) {
  std::vector<int> nodes;
  for (auto stage = graph.stage_ends.rbegin(); stage != graph.stage_ends.rend(); ++stage) {
    nodes.push_back(stage->node);
  }
  return nodes;
}

void infer_shapes(Graph& graph, FeatureShape input) {
  graph.shapes.clear();
  for (const Node& node : graph.nodes) {
    const FeatureShape in = node.op == Op::input ? input : graph.shapes.at(node.inputs.at(0));
    for (const int other : node.inputs) {
      if (graph.shapes.at(other) != in) {
        throw UserError(text("layer ", node.name, ": its two inputs differ in shape"));
      }
    }
    graph.shapes.push_back(output_shape(node, in));
  }
}

bool has_weights(const Node& node) { return node.op == Op::conv || node.op == Op::linear; }

std::vector<int64_t> weight_dims(const Graph& graph, int index) {
  const Node& node = graph.nodes.at(index);
  const FeatureShape& in = graph.shapes.at(node.inputs.at(0));
  if (node.op == Op::linear) return {node.out_channels, in.elements()};
  return {node.out_channels, in.channels / node.groups, node.kernel, node.kernel};
}

std::vector<bool> nodes_between(const Graph& graph, int from, int to) {
  const size_t count = graph.nodes.size();
  std::vector<bool> above(count, false), below(count, false), between(count, false);
  above[to] = true;
  for (size_t i = to + 1; i < count; ++i) {
    for (const int input : graph.nodes[i].inputs) above[i] = above[i] || above[input];
  }
  below[from] = true;
  for (int i = from; i > 0; --i) {
    if (!below[i]) continue;
    for (const int input : graph.nodes[i].inputs) below[input] = true;
  }
  for (size_t i = 0; i < count; ++i) between[i] = above[i] && below[i];
  return between;
}

}  // namespace hdecomp
