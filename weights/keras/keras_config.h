/// Keras's description of a model: config.json of a .keras file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hdecomp {

/// A layer, or a model, which is a layer with layers in it, in Keras's order.
struct KerasLayer {
  std::string kind;  // its class: "Conv2D", "Functional"
  std::string name;
  std::string activation;         // "relu"; empty where the layer has none
  std::optional<double> epsilon;  // of a batch norm
  std::vector<KerasLayer> layers;
};

/// Reads the description. Throws UserError that begins with `path` for what is no JSON of a model,
/// nested too deep, or too large.
KerasLayer read_keras_config(std::string_view content, const std::string& path);

/// Throws UserError that begins with `path` and names the first layer that VGG and ResNet do not
/// have: their weights alone would not tell that the network is another one.
void check_keras_layers(const KerasLayer& model, const std::string& path);

/// Keras's name for the objects of a class in a list: "batch_normalization" of
/// "BatchNormalization", "conv2d" of "Conv2D", "re_lu" of "ReLU".
std::string keras_snake_case(const std::string& kind);

}  // namespace hdecomp
