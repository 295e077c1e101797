/// What every importer produces: the named tensors of a foreign weight file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernels/core/tensor.h"

namespace hdecomp {

struct KerasLayer;  // weights/keras/keras_config.h

enum class Dialect { torchvision, keras };

/// Float tensors by name; integer ones (num_batches_tracked) are left out. Half, bfloat16 and
/// double are converted to float. Tensors may get other names than the file's on the way to a
/// model; errors speak of the file's.
struct TensorFile {
  Dialect dialect = Dialect::torchvision;
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> spelling;  // the file's name of each renamed tensor
  /// The file's name of what is not among `spelling`: its own way of naming; none: as it is.
  std::function<std::string(const std::string& name)> usual_spelling;
  std::map<std::string, double> norm_epsilon;  // of the batch norms whose epsilon the file says
  std::set<std::string> objects;  // the file's names of what is no tensor, but stands among them
  std::shared_ptr<const KerasLayer> keras_config;  // the file's own description of its network
  std::vector<std::string> remarks;                // what the reader left out or chose, a line each

  /// How the file spells a tensor's name, be it there or missing.
  std::string in_file(const std::string& name) const;
};

}  // namespace hdecomp
