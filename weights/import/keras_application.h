/// Keras's VGG and ResNet, told from networks of their own.
#pragma once

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Whether a file that describes its network holds a VGG or ResNet as Keras's applications have it,
/// maybe with another head: by its layers' names, kinds, strides and padding. `stride_in_1x1`: of a
/// ResNet's bottlenecks.
bool is_keras_application(const TensorFile& file, bool stride_in_1x1);

}  // namespace hdecomp
