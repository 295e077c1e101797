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
  switch (traits(node.op).runner) {
    case Runner::none:
      return nullptr;
    case Runner::conv:
      return make_conv_runner(place);
    case Runner::linear:
      return make_linear_runner(place);
    case Runner::max_pool:
      return make_max_pool_runner(place);
    case Runner::adaptive_avg_pool:
      return make_adaptive_avg_pool_runner(place);
    case Runner::add:
      return is_broadcast(place) ? make_cell_runner(place) : make_add_runner(place);
    case Runner::concat:
      return make_concat_runner(place);
    case Runner::cells:
      return make_cell_runner(place);
  }
  throw Error(joined("layer ", node.name, ": unknown runner"));
}

void NodeRunner::add_step(ForwardPlan& plan, int64_t batch, BufferPool& pool) const {
  const FeatureShape& shape = graph().shapes[index()];
  plan.plain(node().inputs, {batch, shape.channels, shape.height, shape.width},
             over_maps(batch, {}, pool));
}

}  // namespace hdecomp
