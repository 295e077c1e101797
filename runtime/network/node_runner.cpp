/// The runner of each op, and what most of them share.
#include "runtime/network/node_runner.h"

#include "hdecomp/error.h"
#include "runtime/network/node_runners.h"

namespace hdecomp {
namespace {

/// Whether a node's inputs differ in shape.
bool is_broadcast(const NodePlace& place) {
  const Graph& graph = place.model.graph;
  const std::vector<int>& inputs = graph.nodes.at(place.index).inputs;
  return graph.shapes.at(inputs.at(0)) != graph.shapes.at(inputs.at(1));
}

}  // namespace

std::unique_ptr<NodeRunner> make_runner(const NodePlace& place) {
  const Node& node = place.model.graph.nodes.at(place.index);
  switch (node.op) {
    case Op::input:
      return nullptr;
    case Op::conv:
      return make_conv_runner(place);
    case Op::linear:
      return make_linear_runner(place);
    case Op::max_pool:
      return make_max_pool_runner(place);
    case Op::adaptive_avg_pool:
      return make_adaptive_avg_pool_runner(place);
    case Op::add:
      return is_broadcast(place) ? make_cell_runner(place) : make_add_runner(place);
    case Op::concat:
      return make_concat_runner(place);
    case Op::avg_pool:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::activation:
    case Op::prelu:
    case Op::affine:
    case Op::slice:
    case Op::pad:
    case Op::channel_shuffle:
    case Op::lrn:
    case Op::layer_norm:
      return make_cell_runner(place);
  }
  throw Error(joined("layer ", node.name, ": unknown op"));
}

void NodeRunner::add_step(ForwardPlan& plan, int64_t batch, BufferPool& pool) const {
  const FeatureShape& shape = graph().shapes[index()];
  plan.plain(node().inputs, {batch, shape.channels, shape.height, shape.width},
             over_maps(batch, {}, pool));
}

}  // namespace hdecomp
