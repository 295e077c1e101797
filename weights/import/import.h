/// From other frameworks' weight files to a model: formats, architecture recognition, batch-norm
/// folding.
#pragma once

#include <string>

#include "hdecomp/conversion.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// Reads a .pth (torch.save's zip or its legacy stream), .safetensors, .h5 or .keras file; the
/// format is told by the content, not by the name. Throws UserError, one line that names the file
/// and the tensor, or the flag of `hdecomp convert` that would be right.
ModelData import_model(const std::string& path, const ConvertOptions& options);

}  // namespace hdecomp
