/// Keras's HDF5 weights, read into named tensors.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Keras weights (.h5). A layer's tensors are named LAYER/kernel, LAYER/bias, LAYER/gamma,
/// LAYER/beta, LAYER/moving_mean, LAYER/moving_variance whatever their names in the file; extents
/// as in the file: convolution (k, k, in, out), dense (in, out).
TensorFile read_keras(const std::string& path);

}  // namespace hdecomp
