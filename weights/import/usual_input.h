/// How photographs usually become a network's input, by its framework and architecture.
#pragma once

#include <cstdint>
#include <string>

#include "hdecomp/preprocess.h"
#include "weights/file/tensor_file.h"

namespace hdecomp {

/// torchvision's rule for the first weights that it publishes of an architecture; for any other its
/// usual one: shorter side 256, crop 224, ImageNet's mean and deviation.
Preprocess published_input(const std::string& arch);

/// torchvision's GoogLeNet and Inception v3 scale the pixels of their published weights to -1 to 1
/// themselves (`transform_input`), which a state dict does not say.
bool scales_its_input(const std::string& arch);

/// The framework's own rule for an architecture. `own_size`: of the architecture's input;
/// one for other photographs than ImageNet's, as CIFAR's, sees them whole.
Preprocess usual_input(Dialect dialect, const std::string& arch, const PixelSize& own_size);

}  // namespace hdecomp
