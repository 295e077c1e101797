/// Remarks on strides, epsilons, shortcuts and the last pool.
#include "weights/import/remarks.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {

void say_what_shapes_cannot_tell(const ModelData& model, double epsilon, bool some_absent,
                                 std::vector<std::string>& said) {
  const auto has = [&](auto&& test) { return std::ranges::any_of(model.graph.nodes, test); };
  if (has([](const Node& node) { return node.name == "layer1.0.conv3"; })) {
    said.push_back(model.params.stride_in_1x1
                       ? "bottlenecks stride in their first 1x1 convolution, as Caffe's and "
                         "Keras's do (--stride-in-3x3: as torchvision's)"
                       : "bottlenecks stride in their 3x3 convolution, as torchvision's do "
                         "(--stride-in-1x1: as Caffe's)");
  }
  if (has([](const Node& node) { return !node.torchvision_bn.empty(); })) {
    said.push_back(joined("batch norms have an epsilon of ", epsilon));
  }
  if (some_absent) {
    said.push_back(
        "shortcuts without weights take every second pixel, with half of the zero channels before "
        "and half after");
  }
  if (model.params.arch == "alexnet") {
    said.push_back("convolutions stride and pad as torchvision's AlexNet, without normalisation");
  }
  const auto pool = std::ranges::find(model.graph.nodes, "avgpool", &Node::name);
  const FeatureShape map =
      pool == model.graph.nodes.end() ? FeatureShape{} : model.graph.shapes[pool->inputs[0]];
  const int64_t size = pool == model.graph.nodes.end() ? 0 : pool->pool_size;
  if (!model.params.hidden_units.empty() && (map.height != size || map.width != size)) {
    said.push_back(joined("the last map of ", map.height, " x ", map.width, " is averaged to ",
                          size, " x ", size));
  }
}

}  // namespace hdecomp
