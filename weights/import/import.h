/// From other frameworks' weight files to a model: formats, architecture recognition, batch-norm
/// folding.
#pragma once

#include <optional>
#include <string>

#include "weights/model/model_file.h"

namespace hdecomp {

struct ImportOptions {
  std::string arch;          // recognised from the tensors' names where empty
  std::string classes_file;  // one name per line, or imagenet_class_index.json; none where empty
  std::optional<Preprocess> preprocess;  // the dialect's usual one where not given: torchvision's
                                         // (shorter side 256, crop 224) or Keras's "caffe" mode
};

/// Reads a .pth (torch.save's zip or its legacy stream), .safetensors or Keras .h5 file; the format
/// is told by the content, not by the name. Throws UserError, one line that names the file and the
/// tensor.
ModelData import_model(const std::string& path, const ImportOptions& options);

}  // namespace hdecomp
