/// One tensor of a torch file: where its elements lie in a storage, checked, and how they are
/// gathered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weights/torch/torch_file.h"

namespace hdecomp {

/// Offset and strides count elements from the beginning of the storage's view. Every element of the
/// tensor lies inside the view; rank 0 to 4.
struct TorchTensor {
  std::string name;
  TorchStorage storage;
  int64_t offset = 0;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};

/// Whether a value describes a tensor, of whatever type.
bool is_tensor(const PickleValue& value);

/// The tensor that a value of a state dict describes, itself or as a Parameter. Nothing if the
/// value is no tensor or one of integers. Throws UserError, one line that names the file and the
/// tensor, if it has more than four dimensions or does not lie inside its storage.
std::optional<TorchTensor> parse_tensor(std::string_view name, const PickleValue& value,
                                        const std::string& path);

/// Row-major, as floats. `bytes` are the storage's.
Tensor gather(const TorchTensor& tensor, std::span<const uint8_t> bytes);

}  // namespace hdecomp
