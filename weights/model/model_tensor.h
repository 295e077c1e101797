/// One tensor of a model file.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>

#include "hdecomp/model_memory.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// A model's file: on a disk, or its bytes in memory.
struct ModelSource {
  const std::string& path;         // or what stands for it in errors
  uint64_t size;                   // bytes
  const uint8_t* bytes = nullptr;  // of a file in memory
  ModelMemory memory = ModelMemory::own;
};

/// Reads one dataset into a new tensor after checking that the file holds what it says. Throws
/// UserError, one line that names the file and the dataset.
Tensor read_tensor(hid_t file, const ModelSource& source, const std::string& name,
                   const Shape& wanted);

}  // namespace hdecomp
