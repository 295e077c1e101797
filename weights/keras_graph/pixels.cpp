/// The pixels that Keras's applications were trained on.
#include <algorithm>
#include <array>

#include "nets/lower.h"
#include "weights/keras/keras_config.h"
#include "weights/keras_graph/network.h"

namespace hdecomp::keras_graph {
namespace {

template <class Test>
bool any_layer(const KerasLayer& model, const Test& test) {
  return std::ranges::any_of(
      model.layers, [&](const KerasLayer& layer) { return test(layer) || any_layer(layer, test); });
}

bool rescales(const KerasLayer& layer) {
  constexpr std::array kinds{"Rescaling", "Normalization", "TFOpLambda", "TrueDivide"};
  return std::ranges::find(kinds, layer.kind) != kinds.end();
}

std::string lower(std::string text) {
  for (char& each : text) each = ascii_lower(each);
  return text;
}

}  // namespace

Pixels usual_pixels(const KerasLayer& model) {
  if (any_layer(model, rescales)) return Pixels::bytes;
  const auto called = [&](auto&&... beginnings) {
    const auto test = [&](const KerasLayer& layer) {
      const std::string name = lower(layer.name);
      return (name.starts_with(beginnings) || ...);
    };
    return test(model) || any_layer(model, test);
  };
  const auto has = [&](const char* name) {
    return any_layer(model, [&](const KerasLayer& layer) { return layer.name == name; });
  };
  if (called("densenet")) return Pixels::torch;
  if (called("mobilenet_", "mobilenetv2", "xception", "inception", "nasnet", "resnet50v2",
             "resnet101v2", "resnet152v2")) {
    return Pixels::one_to_one;
  }
  const bool resnet = has("conv1_conv") && has("conv2_block1_1_conv");
  if (resnet && has("post_bn")) return Pixels::one_to_one;
  if (resnet || has("block1_conv1") || has("res2a_branch2a")) return Pixels::caffe;
  return Pixels::bytes;
}

}  // namespace hdecomp::keras_graph
