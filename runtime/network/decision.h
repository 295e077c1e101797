/// A decision as the user writes it: "conv5_3:277@7,6", "fc7:12", "class:tabby".
#pragma once

#include <string>

#include "hdecomp/model.h"
#include "runtime/network/executor.h"

namespace hdecomp {

struct Decision {
  int node = 0;
  Neuron neuron;
};

/// Whether it is a class score.
bool is_class(const Graph& graph, const Decision& decision);

/// Throws UserError, one line beginning with the flag's name "--from", for a form that is not one
/// of the three, an unknown layer, channel or class, or a position outside the map.
Decision parse_decision(const Model& model, const std::string& spelling);

/// Throws ImageError, with `what` as the value's name, unless it is positive (Eq. 1).
void require_positive(const std::string& what, double value);

}  // namespace hdecomp
