/// What a network's ops tell about relevance before any image is seen.
#include "runtime/saliency/lrp_graph.h"

#include <algorithm>

#include "nets/op_traits.h"

namespace hdecomp {
namespace {

bool is_layer(Op op) {
  const Relevance relevance = traits(op).relevance;
  return relevance == Relevance::convolution || relevance == Relevance::linear;
}

}  // namespace

std::vector<bool> signed_nodes(const Graph& graph) {
  std::vector<bool> may_be(graph.nodes.size(), true);
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const bool keeps = traits(node.op).keeps_sign &&
                       std::ranges::none_of(node.inputs, [&](int input) { return may_be[input]; });
    may_be[i] = node.activation == Activation::none && !keeps;
  }
  return may_be;
}

int first_layer(const Graph& graph) {
  const auto found = std::ranges::find_if(graph.nodes, is_layer, &Node::op);
  return found == graph.nodes.end() ? -1 : static_cast<int>(found - graph.nodes.begin());
}

std::vector<bool> none_at_zero(const Graph& graph, int flat_layer) {
  std::vector<bool> none(graph.nodes.size(), true);
  for (size_t i = graph.nodes.size(); i-- > 1;) {
    const Node& reader = graph.nodes[i];
    const OpTraits& op = traits(reader.op);
    const bool holds = op.zero_gets_none && static_cast<int>(i) != flat_layer &&
                       (op.relevance != Relevance::gradient || none[i]);
    for (const int input : reader.inputs) none[input] = none[input] && holds;
  }
  none[graph.scores()] = false;
  return none;
}

}  // namespace hdecomp
