/// What every importer produces: the named tensors of a foreign weight file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernels/core/tensor.h"

namespace hdecomp {

enum class Dialect { torchvision, keras };

/// Float tensors by their name in the file; integer ones (num_batches_tracked) are left out. Half,
/// bfloat16 and double are converted to float.
struct TensorFile {
  Dialect dialect = Dialect::torchvision;
  std::map<std::string, Tensor> tensors;
};

/// torch.save's zip archive (PyTorch 1.6 and newer).
TensorFile read_torch_zip(const std::string& path);
/// torch.save's legacy stream of pickles.
TensorFile read_torch_legacy(const std::string& path);
TensorFile read_safetensors(const std::string& path);
/// Keras weights (.h5). A layer's tensors are named LAYER/kernel, LAYER/bias, LAYER/gamma,
/// LAYER/beta, LAYER/moving_mean, LAYER/moving_variance whatever their names in the file; extents
/// as in the file: convolution (k, k, in, out), dense (in, out).
TensorFile read_keras(const std::string& path);

/// Tells the format by its first bytes and reads it. Throws UserError that names the file.
TensorFile read_tensor_file(const std::string& path);

}  // namespace hdecomp
