/// An ONNX file as a model.
#pragma once

#include <string>

#include "hdecomp/conversion.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// Throws UserError, one line that names the file and the node, tensor or flag at fault.
ModelData import_onnx(const std::string& path, const ConvertOptions& options);

}  // namespace hdecomp
