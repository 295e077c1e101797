/// Small networks for tests: few channels, small inputs, seeded weights.
#pragma once

#include <string>

#include "weights/import.h"

namespace hdecomp::file_testing {

/// The architecture with widths of 4 to 10, hidden units 12 and 11, 7 classes, an input of 64
/// pixels.
inline NetParams slim_params(const std::string& arch) {
  NetParams params = default_params(arch);
  int64_t width = 3;
  for (int64_t& each : params.widths) each = width = width < 10 ? width + 1 : 4;
  if (!params.hidden_units.empty()) {
    params.hidden_units = {12, 11};
    params.pool_size = 2;
  }
  params.classes = 7;
  params.input_size = 64;
  return params;
}

inline ModelData slim_model(const std::string& arch, uint64_t seed = 1) {
  return initialise_model(slim_params(arch), seed);
}

/// The layer's weight and bias by its canonical name.
inline const LayerWeights& layer_of(const ModelData& model, const std::string& name) {
  for (size_t i = 0; i < model.graph.nodes.size(); ++i) {
    if (model.graph.nodes[i].name == name) return model.layers.at(i);
  }
  throw Error("no layer " + name);
}

}  // namespace hdecomp::file_testing
