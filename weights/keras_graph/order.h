/// The order in which a Functional model's layers are computed.
#pragma once

#include <cstddef>
#include <vector>

#include "weights/keras/keras_config.h"

namespace hdecomp::keras_graph {

/// One use of a layer, with the positions of those that its inputs come from.
struct Step {
  size_t layer = 0, call = 0;
  std::vector<size_t> inputs;  // in the list of steps
  size_t readers = 0;          // how many inputs, and outputs of the model, it is
};

/// The steps that the model's first output depends on, each after its inputs; the last one is that
/// output. Throws UserError for cycles and for what is not there.
std::vector<Step> steps_of(const KerasLayer& model);

}  // namespace hdecomp::keras_graph
