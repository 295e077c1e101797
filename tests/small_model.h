/// Slim networks with seeded weights, for tests that need a whole network but not a large one.
#pragma once

#include <string>

#include "weights/import.h"

namespace hdecomp::testing_models {

/// The architecture at a sixteenth of its widths, ten classes, a small input.
inline ModelData slim(const std::string& arch, int64_t input_size, uint64_t seed = 1) {
  NetParams params = default_params(arch);
  for (int64_t& width : params.widths) width /= 16;
  for (int64_t& units : params.hidden_units) units /= 64;
  params.classes = 10;
  params.input_size = input_size;
  params.pool_size = params.pool_size > 1 ? 2 : 1;
  return initialise_model(params, seed);
}

/// A (1, 3, size, size) input of seeded values in [-1, 1].
inline Tensor noise_image(int64_t size, uint32_t seed = 7) {
  Tensor image(Device{}, {1, 3, size, size});
  for (float& value : image.span()) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return image;
}

}  // namespace hdecomp::testing_models
