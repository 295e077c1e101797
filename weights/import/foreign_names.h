/// Where a network's tensors are in a foreign file, and which network's a file has.
#pragma once

#include <optional>
#include <string>

#include "nets/family.h"
#include "weights/file/tensor_file.h"
#include "weights/model/fold.h"

namespace hdecomp {

struct ForeignNames {
  std::string weight, bias;
  std::optional<BatchNormNames> batch_norm;
};

/// "conv1.weight" or "conv1/kernel" of "conv1"; its bias.
std::string weight_name(const std::string& layer, Dialect dialect);
std::string bias_name(const std::string& layer, Dialect dialect);

/// The names of a node's tensors in a dialect.
ForeignNames foreign_names(const Node& node, Dialect dialect);

/// "conv1" of "conv1.weight" or "conv1/kernel".
std::string owner_of(const std::string& tensor);

struct Recognised {
  std::string arch;
  std::string why;  // "taken for vgg16 (26 of its 26 tensors before the classifier are there)"
};

/// The architecture whose tensors below the classifier are nearest to the file's by name, or
/// `arch`, if it is not empty. Throws UserError that begins with `path` if none is near.
Recognised recognise(const TensorFile& file, const std::string& arch, const std::string& path);

}  // namespace hdecomp
