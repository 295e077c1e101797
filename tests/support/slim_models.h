/// Networks with seeded weights for tests: tiny ones for what reads and writes models, slim ones
/// for what runs them.
#pragma once

#include <algorithm>
#include <string>

#include "hdecomp/error.h"
#include "weights/model/initialise.h"

namespace hdecomp::testing_models {

/// For files: widths of 4 to 10, each other than the one before so that no two axes are mistaken,
/// hidden units 12 and 11, 7 classes, an input of 64 pixels.
inline NetParams tiny_params(const std::string& arch) {
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

inline ModelData tiny_model(const std::string& arch, uint64_t seed = 1) {
  return initialise_model(tiny_params(arch), seed);
}

/// For computing: a sixteenth of the architecture's widths, but four channels at least, so that no
/// layer is dead; ten classes, a small input.
inline ModelData slim_model(const std::string& arch, const PixelSize& input_size,
                            uint64_t seed = 1) {
  NetParams params = default_params(arch);
  // ResNeXt's groups divide what they group.
  const int64_t groups = !arch.starts_with("resnext") ? 1 : arch.ends_with("_64x4d") ? 64 : 32;
  for (int64_t& width : params.widths) {
    width = std::max<int64_t>(width / 16, 4);
    if (&width != &params.widths[0]) width = (width + groups - 1) / groups * groups;
  }
  for (int64_t& units : params.hidden_units) units /= 64;
  params.classes = 10;
  params.input_size = input_size;
  params.pool_size = params.pool_size > 1 ? 2 : 1;
  return initialise_model(params, seed);
}

/// The layer's weight and bias by its canonical name.
inline const LayerWeights& layer_of(const ModelData& model, const std::string& name) {
  for (size_t i = 0; i < model.graph.nodes.size(); ++i) {
    if (model.graph.nodes[i].name == name) return model.layers.at(i);
  }
  throw Error("no layer " + name);
}

/// A (1, 3, height, width) input of seeded values in [-1, 1].
inline Tensor noise_image(const PixelSize& size, uint32_t seed = 7) {
  Tensor image(Device{}, {1, 3, size.height, size.width});
  for (float& value : image.span()) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return image;
}

}  // namespace hdecomp::testing_models
