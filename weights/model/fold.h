/// Batch norm folded into the convolution before it.
#pragma once

#include <string>

#include "weights/model/model_file.h"

namespace hdecomp {

struct BatchNormNames {
  std::string gamma, beta, mean, variance;
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, per output channel; each tensor is
/// (out).
struct BatchNorm {
  const Tensor &gamma, &beta, &mean, &variance;
  double epsilon;
};

/// Scales weight and bias so that the convolution alone computes convolution and batch norm.
void fold_batch_norm(LayerWeights& layer, const BatchNorm& norm);

}  // namespace hdecomp
