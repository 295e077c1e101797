/// A general network that a file describes itself, as a model: its input rule, class names, stages.
#pragma once

#include <string>

#include "hdecomp/conversion.h"
#include "weights/general/network.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// The image's size that the user asks for; 0 for the file's own.
PixelSize asked_size(const InputStatement& said);

/// Throws UserError for the flags that only named architectures have. `kind`: "an ONNX file".
void refuse_flags_of_architectures(const std::string& path, const ConvertOptions& options,
                                   const char* kind);

/// `statement`: what of the input the user says, completed by what the file's framework does; where
/// that leaves something open, it is as torchvision has it. Throws UserError, one line that names
/// the file or the flag at fault.
ModelData general_model(const std::string& path, const ConvertOptions& options,
                        const InputStatement& statement, general::Network network);

}  // namespace hdecomp
