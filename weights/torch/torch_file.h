/// What torch.save's two formats have in common: a pickle that says where each tensor lies in which
/// storage.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "weights/file/convert_dtype.h"
#include "weights/file/tensor_file.h"
#include "weights/torch/pickle.h"

namespace hdecomp {

/// A run of elements of one type, named by a key; a view is a part of it (only in files older than
/// PyTorch 0.4).
struct TorchStorage {
  std::string key;
  ElementType type = ElementType::float32;
  int64_t elements = 0;  // of the whole storage
  int64_t view_begin = 0;
  int64_t view_elements = 0;

  uint64_t bytes() const { return static_cast<uint64_t>(elements * element_bytes(type)); }
};

/// Reads a persistent id, ('storage', type, key, location, elements[, view]). Throws UserError that
/// begins with `path` if it is something else or claims more than 2^40 elements.
TorchStorage parse_storage(const PickleNode& persistent, const std::string& path);

/// Gives the bytes of a storage: at least storage.bytes() of them, little-endian, valid until the
/// next call. Throws UserError if the file has them not. Called for one storage after the other:
/// all the tensors of one come together.
using StorageBytes = std::function<std::span<const uint8_t>(const TorchStorage& storage)>;

/// The float tensors of the state dict that the pickle holds, or that it holds under the key
/// "state_dict", "model_state_dict" or "model". `file_bytes`, the size of the file, bounds what
/// they may take together.
TensorFile gather_state_dict(const Pickle& pickle, const std::string& path, uint64_t file_bytes,
                             const StorageBytes& storage_bytes);

}  // namespace hdecomp
