/// Keras 3's whole models (NAME.keras): a zip archive of config.json and model.weights.h5.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Whether the zip archive with these bytes is one.
bool is_keras_archive(const std::string& path);

/// Throws UserError that begins with `path`.
TensorFile read_keras_archive(const std::string& path);

}  // namespace hdecomp
