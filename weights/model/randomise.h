/// A layer's weights drawn anew: what a sanity check of explanations takes from a network
/// (Adebayo et al. 2018).
#pragma once

#include <cstdint>

#include "weights/model/model_file.h"

namespace hdecomp {

enum class Draw {
  he,       // weights N(0, 2 / fan-in), biases 0 (He et al. 2015)
  permute,  // the layer's own numbers in another order, weights and biases each among themselves
  torch,    // weights and biases uniform within 1 / sqrt(fan-in), as torch.nn's layers begin
};

/// The layer, in host memory, with numbers of that stream. One scale per channel becomes 1 under
/// he, its shift 0.
LayerWeights drawn_anew(const LayerWeights& layer, Draw draw, uint64_t stream);

}  // namespace hdecomp
