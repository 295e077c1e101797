/// A family of architectures: what each file in nets/families/ offers to the rest of the house.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hdecomp/pixel_size.h"
#include "nets/graph.h"

namespace hdecomp {

/// Everything that fixes a network of a given architecture; stored in the model file.
struct NetParams {
  std::string arch;                   // "vgg16_bn"
  std::vector<int64_t> widths;        // VGG, AlexNet: channels of every convolution;
                                      // residual nets: the stem's, then each stage's inner ones
  std::vector<int64_t> hidden_units;  // of each linear layer before the class scores: VGG's and
                                      // AlexNet's fc6, fc7; ResNet has none as published
  int64_t classes = 1000;             // 0: no head, the network ends with features
  PixelSize input_size = 224;
  int64_t pool_size = 7;       // VGG, AlexNet: the map's size where fc6 reads it
  bool stride_in_1x1 = false;  // ResNet bottlenecks: Keras strides in the first 1x1
};

constexpr size_t max_hidden_layers = 8;

/// The weight's extent of a layer, by canonical name, as some file has it.
using WeightDims = std::function<std::vector<int64_t>(const std::string& layer)>;

struct Family {
  std::string name;                // "vgg"
  std::vector<std::string> archs;  // "vgg11", ...
  /// The published network: for ImageNet, of 1000 classes, or for CIFAR-10.
  NetParams (*defaults)(const std::string& arch);
  /// Nodes and stage ends; build_graph() checks the parameters before and infers the shapes after.
  Graph (*build)(const NetParams& params);
  /// Widths, units, classes and pool size read off the weights' extents: slim and fine-tuned nets.
  /// Other parameters stay as they are.
  void (*fit)(NetParams& params, const WeightDims& dims);
  /// Whether the weights' extents are those of `arch` rather than of another one with the same
  /// layers; null where the layers' names tell.
  bool (*matches)(const std::string& arch, const WeightDims& dims) = nullptr;
  double batch_norm_epsilon = 1e-5;  // torchvision's
};

/// All families, one per file in nets/families/ (the list is made by CMake from the file names).
const std::vector<Family>& families();

/// Every architecture's name, in the families' order.
std::vector<std::string> arch_names();

/// The family of an architecture. Throws UserError with the nearest name, or all of them, if it is
/// unknown.
const Family& find_family(const std::string& arch);
NetParams default_params(const std::string& arch);

/// The graph with its shapes. Throws UserError for an unknown architecture or parameters that make
/// no network (a wrong count of widths, a width or class count outside 1 to 2^20, an input too
/// small).
Graph build_graph(const NetParams& params);

}  // namespace hdecomp
