/// A known architecture's layers, taken out of a foreign file.
#pragma once

#include <string>
#include <vector>

#include "nets/family.h"
#include "weights/import/tensor_source.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// What of a network the names do not say; see the members' use.
struct Assumptions {
  Dialect dialect = Dialect::torchvision;
  double epsilon = 1e-5;      // of batch norms
  bool convs_biased = false;  // whether convolutions without batch norm have biases
  bool some_absent = false;   // whether the layers that may be absent are
  std::vector<std::string>& said;
};

/// Assumptions::convs_biased and some_absent, as the file's tensors say them.
bool any_conv_bias(const Graph& graph, Dialect dialect, const TensorSource& source);
bool lacks_absent_layers(const Graph& graph, Dialect dialect, const TensorSource& source);

/// The weights of a node that has some, in our layout, batch norm folded in. Throws UserError that
/// names the tensor at fault.
LayerWeights take_layer(TensorSource& source, const Graph& graph, int index,
                        const Assumptions& assumed);

}  // namespace hdecomp
