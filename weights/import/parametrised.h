/// Weights that PyTorch keeps as two tensors: pruned, weight-normalised, spectrally normalised.
#pragma once

#include <string>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Puts the one weight into the place of the two: X_orig * X_mask (torch.nn.utils.prune),
/// weight_g * weight_v / |weight_v| per output (weight_norm, old and new names), weight_orig /
/// sigma (spectral_norm). Throws UserError that begins with `path` if the two do not fit each
/// other.
void compute_weights(TensorFile& file, const std::string& path);

}  // namespace hdecomp
