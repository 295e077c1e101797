/// A network's ops with other weights.
#include "runtime/saliency/changed_ops.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/map/relevance.h"
#include "kernels/product/narrow_weights_cpu.h"

namespace hdecomp {

Tensor tensor_of(float value, const Shape& shape, const Context& context) {
  Tensor host({}, shape);
  std::ranges::fill(host.span(), value);
  return copied_to(context.device(), context, host);
}

ChangedOps::ChangedOps(const Context& context, const ModelData& model, Weights weights)
    : context_(context),
      model_(model),
      weights_(weights),
      runners_(model.graph.nodes.size()),
      planned_(model.graph.nodes.size()) {
  changed_.graph = model.graph;
  for (Node& node : changed_.graph.nodes) node.activation = Activation::none;
  changed_.layers.resize(model.layers.size());
}

Tensor ChangedOps::changed(const Tensor& own, bool is_bias) const {
  if (own.data() == nullptr) return {};
  if (weights_ == Weights::own) return borrowed(own);
  const bool without = weights_ == Weights::negative_without_bias || weights_ == Weights::ones;
  if (weights_ == Weights::ones && !is_bias) return tensor_of(1, own.shape(), context_);
  Tensor made(context_.device(), own.shape());
  if (is_bias && without) {
    clear(context_, made);
  } else {
    const Part part = weights_ == Weights::positive ? Part::positive : Part::negative;
    keep_part(context_, part, as_multiplied(context_, own), made);
  }
  return made;
}

NodeRunner& ChangedOps::of(int node) {
  std::unique_ptr<NodeRunner>& runner = runners_.at(node);
  if (runner) return *runner;
  const LayerWeights& own = model_.layers.at(node);
  changed_.layers[node] = {changed(own.weight, false), changed(own.bias, true)};
  runner = make_runner({context_, changed_, node});
  return *runner;
}

const MapsForward& ChangedOps::forward(int node, int64_t items, BufferPool& pool) {
  Planned& planned = planned_.at(node);
  if (planned.items != items) planned = {items, of(node).over_maps(items, {}, pool)};
  return planned.run;
}

}  // namespace hdecomp
