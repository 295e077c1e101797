/// A Keras model that its file describes, as a network: graph, weights, and what was taken for
/// granted.
#pragma once

#include <cstdint>
#include <string>

#include "weights/file/tensor_file.h"
#include "weights/general/network.h"

namespace hdecomp::keras_graph {

/// `file` has a description; `size`: the image's, 0 where not said; what a model leaves
/// open is taken at 224 pixels. Throws UserError, one line that begins with the path and names
/// the layer.
general::Network read_network(const TensorFile& file, const std::string& path,
                              const PixelSize& size);

/// How the applications of Keras want their pixels.
enum class Pixels {
  bytes,       // 0 to 255 as they are
  one_to_one,  // -1 to 1: "tf"
  torch,       // torchvision's
  caffe,       // BGR, less ImageNet's mean
};
/// By the layers' and models' names; `bytes` where the model itself rescales them, or they tell
/// nothing.
Pixels usual_pixels(const KerasLayer& model);

}  // namespace hdecomp::keras_graph
