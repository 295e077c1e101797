/// Shape inference and reachability over a Graph.
#include "nets/graph.h"

#include "hdecomp/error.h"
#include "nets/op_traits.h"

namespace hdecomp {
namespace {

/// Maps are counted in 32 bits on a GPU.
void check_size(const Node& node, const FeatureShape& shape) {
  constexpr int64_t most = (int64_t{1} << 31) - 1;
  if (shape.channels > most / shape.height / shape.width) {
    throw UserError(joined("layer ", node.name, ": a feature of ", shape.channels, "x",
                           shape.height, "x", shape.width, " is too large"));
  }
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
    const OpTraits& op = traits(node.op);
    if (node.op == Op::input) {
      graph.shapes.push_back(input);
      continue;
    }
    const auto count = static_cast<int>(node.inputs.size());
    if (count < op.least_inputs || count > op.most_inputs) {
      throw UserError(joined("layer ", node.name, ": ", op.name, " of ", count, " inputs"));
    }
    if (node.activation != Activation::none && !op.activates) {
      throw UserError(joined("layer ", node.name, ": ", op.name, " does not end in an activation"));
    }
    std::vector<FeatureShape> inputs;
    for (const int of : node.inputs) inputs.push_back(graph.shapes.at(of));
    graph.shapes.push_back(op.shape(node, inputs));
    check_size(node, graph.shapes.back());
  }
}

bool has_weights(const Node& node) { return traits(node.op).weight_dims != nullptr; }

std::vector<int64_t> weight_dims(const Graph& graph, int index) {
  const Node& node = graph.nodes.at(index);
  const auto dims = traits(node.op).weight_dims;
  if (dims == nullptr) throw Error(joined("layer ", node.name, " has no weights"));
  return dims(node, graph.shapes.at(node.inputs.at(0)));
}

std::vector<int64_t> bias_dims(const Graph& graph, int index) {
  const std::vector<int64_t> weight = weight_dims(graph, index);
  if (!traits(graph.nodes[index].op).has_bias) return {};
  return {weight[0]};
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

bool is_below(const Graph& graph, int to, int from) {
  return to != from && nodes_between(graph, from, to).at(to);
}

std::vector<bool> nodes_down_to(const Graph& graph, int from, int to) {
  std::vector<bool> between = nodes_between(graph, from, to);
  if (from != to && between.at(to)) return between;
  throw Error(
      joined("layer ", graph.nodes.at(to).name, " is not below ", graph.nodes.at(from).name));
}

}  // namespace hdecomp
