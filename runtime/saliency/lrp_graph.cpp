/// What a network's ops tell about relevance before any image is seen.
#include "runtime/saliency/lrp_graph.h"

#include <algorithm>

namespace hdecomp {
namespace {

bool is_layer(Op op) { return op == Op::conv || op == Op::linear; }

}  // namespace

std::vector<bool> signed_nodes(const Graph& graph) {
  std::vector<bool> may_be(graph.nodes.size(), true);
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto all_positive = [&] {
      return std::ranges::none_of(node.inputs, [&](int input) { return may_be[input]; });
    };
    switch (node.op) {
      case Op::max_pool:
      case Op::avg_pool:
      case Op::adaptive_avg_pool:
      case Op::concat:
      case Op::slice:
      case Op::pad:
      case Op::channel_shuffle:
      case Op::add:
      case Op::mul:
        may_be[i] = node.activation == Activation::none && !all_positive();
        break;
      default:
        may_be[i] = node.activation == Activation::none;
    }
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
    const auto mark = [&](bool holds) {
      for (const int input : reader.inputs) none[input] = none[input] && holds;
    };
    switch (reader.op) {
      case Op::conv:
      case Op::linear:
        mark(static_cast<int>(i) != flat_layer);
        break;
      case Op::add:
      case Op::sub:
      case Op::avg_pool:
      case Op::adaptive_avg_pool:
        break;
      case Op::max_pool:
      case Op::concat:
      case Op::slice:
      case Op::channel_shuffle:
        mark(none[i]);
        break;
      default:
        mark(false);
    }
  }
  none[graph.scores()] = false;
  return none;
}

}  // namespace hdecomp
