/// Fitting a network's first convolution to photographs in RGB, which is what a model reads.
#pragma once

#include "nets/family.h"
#include "weights/file/tensor_file.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// If the first convolution reads one channel, makes it read R, G and B with the weights of their
/// luminance (ITU-R BT.601, as PIL and torchvision turn photographs grey) and returns true. Exact
/// where R, G and B have one mean and one deviation.
bool widen_grey(TensorFile& file, const NetParams& params);

/// What is said to the user of such a network.
constexpr const char* said_of_grey = "one input channel: 0.299 R + 0.587 G + 0.114 B";

/// Makes every convolution that reads the image, in B, G, R, read R, G, B.
void swap_red_and_blue(ModelData& model);

}  // namespace hdecomp
