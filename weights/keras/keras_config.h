/// Keras's description of a model: config.json of a .keras file, the attribute model_config of a
/// whole model's .h5 file.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/keras/keras_calls.h"

namespace hdecomp {

/// A layer, or a model, which is a layer with layers in it, in Keras's order.
struct KerasLayer {
  std::string kind;  // its class: "Conv2D", "Functional"
  std::string name;
  std::string activation;         // "relu"; empty where the layer has none
  std::optional<double> epsilon;  // of a batch norm
  std::vector<KerasLayer> layers;
  std::shared_ptr<const nlohmann::json> settings;  // its "config" without the layers
  std::vector<KerasCall> calls;                    // where a Functional model uses the layer
  std::vector<KerasOutput> inputs, outputs;        // of a Functional model
};

/// Reads the description. Throws UserError that begins with `path` for what is no JSON of a model,
/// nested too deep, or too large. `what`: how the file calls it.
KerasLayer read_keras_config(std::string_view content, const std::string& path,
                             const std::string& what = "config.json");

/// Whether a VGG or ResNet has all these layers: if not, their weights' names alone would not tell
/// that the network is another one.
bool has_only_layers_of_applications(const KerasLayer& model);

/// Keras's name for the objects of a class in a list: "batch_normalization" of
/// "BatchNormalization", "conv2d" of "Conv2D", "re_lu" of "ReLU".
std::string keras_snake_case(const std::string& kind);

}  // namespace hdecomp
