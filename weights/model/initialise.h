/// Networks with seeded random weights.
#pragma once

#include <string>

#include "weights/model/model_file.h"

namespace hdecomp {

/// A network with He-initialised weights, N(0, 2 / fan_in), zero biases; the same seed gives the
/// same bits on every machine.
ModelData initialise_model(const NetParams& params, uint64_t seed);

}  // namespace hdecomp
