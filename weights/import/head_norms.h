/// Batch norms between a foreign network's last linear layers.
#pragma once

#include <string>
#include <vector>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// The linear layers in the network's order, and the norms.
struct HeadLayers {
  std::vector<std::string> linear, norms;
};

/// Folds each norm into a linear layer and takes it out of the file: into the one before it, or
/// into the next where an activation stands between (Linear, ReLU, BatchNorm, Dropout, Linear) or
/// none comes before. The places in a Sequential tell ("fc.0", "fc.1"); elsewhere the norm follows
/// the one layer with as many outputs. Says in file.remarks what it took for granted. Throws
/// UserError that begins with `lead` where that does not tell, or does not fit.
void fold_head_norms(TensorFile& file, const HeadLayers& head, const std::string& lead);

}  // namespace hdecomp
