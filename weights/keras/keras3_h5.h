/// Keras 3's HDF5 weights (NAME.weights.h5): a group per layer, placed as Python keeps the objects.
#pragma once

#include <string>

#include "weights/file/size_budget.h"
#include "weights/file/tensor_file.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/keras/keras_config.h"

namespace hdecomp {

/// Whether an HDF5 file is laid out so.
bool is_keras3(hid_t file);

/// The tensors by the names that read_keras() gives them. A layer's own name is the config's, if
/// one is given, or that which newer versions of Keras write beside its tensors; without either
/// layers are named by their class and order ("conv2d", "conv2d_1", ...: see name_by_order()).
/// Throws UserError that begins with `path`.
TensorFile read_keras3(hid_t file, const std::string& path, SizeBudget& budget,
                       const KerasLayer* config);

}  // namespace hdecomp
