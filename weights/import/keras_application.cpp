/// A comparison of a description's convolutions with an architecture's.
#include "weights/import/keras_application.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "nets/family.h"
#include "weights/keras_graph/settings.h"

namespace hdecomp {
namespace {

bool matches(const KerasLayer& layer, const Node& node) {
  const keras_graph::Settings said(layer);
  if (!said.has("kernel_size")) return true;
  const auto both = [](int64_t number) { return std::pair{number, number}; };
  // The first convolution of ResNet is padded by a layer of its own.
  const bool padded = node.y.size == 1 || layer.name == "conv1_conv" || said.same_padding();
  return said.pair("strides", 1) == both(node.y.stride) &&
         said.pair("dilation_rate", 1) == both(1) && said.integer("groups", 1) == 1 && padded;
}

bool all_match(const KerasLayer& model, const Graph& graph) {
  return std::ranges::all_of(model.layers, [&](const KerasLayer& layer) {
    const auto node = std::ranges::find_if(graph.nodes, [&](const Node& each) {
      return each.op == Op::conv && !each.keras.empty() && each.keras[0] == layer.name;
    });
    return (node == graph.nodes.end() || matches(layer, *node)) && all_match(layer, graph);
  });
}

}  // namespace

bool is_keras_application(const TensorFile& file, bool stride_in_1x1) {
  const KerasLayer& model = *file.keras_config;
  const auto has = [&](const char* tensor) { return file.tensors.contains(tensor); };
  const bool vgg = has("block1_conv1/kernel"), old = has("res2a_branch2a/kernel");
  const bool resnet = has("conv1_conv/kernel") && has("conv1_bn/gamma") &&
                      has("conv2_block1_3_conv/kernel") && !has("post_bn/gamma");
  if (!(vgg || resnet || old) || !has_only_layers_of_applications(model)) return false;
  // These two have the names of all.
  NetParams params = default_params(vgg ? "vgg19" : "resnet152");
  params.stride_in_1x1 = stride_in_1x1;
  try {
    return all_match(model, build_graph(params));
  } catch (const UserError&) {
    return false;  // settings that are none of a convolution's
  }
}

}  // namespace hdecomp
