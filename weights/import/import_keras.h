/// A Keras model that its file describes, as a model.
#pragma once

#include <string>

#include "hdecomp/conversion.h"
#include "weights/file/tensor_file.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// Throws UserError, one line that names the file and the layer, tensor or flag at fault.
ModelData import_keras(const std::string& path, const ConvertOptions& options,
                       const TensorFile& file);

}  // namespace hdecomp
