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

struct TorchSource {
  const std::string& path;
  const std::string& key;   // of the dict of tensors to take, as "state_dict_ema" or "nets.student"
  uint64_t file_bytes = 0;  // the file's size bounds what the tensors may take together
};

/// The float tensors of the state dict that the pickle is, or of the one that it holds. Which one:
/// `key`'s, or of one with several networks the tensors whose names begin with `key` and a dot,
/// without these; else "state_dict", "model_state_dict" or "model"; else the one with the most
/// tensors, if no other comes near. What else there is is among the remarks. Throws UserError that
/// lists the keys if none is at `key`, or if it is not clear which one is meant.
TensorFile gather_state_dict(const Pickle& pickle, const TorchSource& source,
                             const StorageBytes& storage_bytes);

}  // namespace hdecomp
