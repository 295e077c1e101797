/// What every importer produces: the named tensors of a foreign weight file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernels/core/tensor.h"

namespace hdecomp {

enum class Dialect { torchvision, keras };

/// Float tensors by their name in the file; integer ones (num_batches_tracked) are left out. Half,
/// bfloat16 and double are converted to float.
struct TensorFile {
  Dialect dialect = Dialect::torchvision;
  std::map<std::string, Tensor> tensors;
};

}  // namespace hdecomp
