/// Small state dicts and Keras weights of published architectures, named as torchvision and Keras
/// name them.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "hdecomp/error.h"

namespace hdecomp::file_testing {

struct NamedTensor {
  std::string name;
  std::vector<int64_t> dims;
  std::vector<float> values;
};
using NamedTensors = std::vector<NamedTensor>;

inline NamedTensor& named(NamedTensors& tensors, const std::string& name) {
  const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
  if (found == tensors.end()) throw Error("no tensor " + name);
  return *found;
}

inline int64_t count(const std::vector<int64_t>& dims) {
  int64_t product = 1;
  for (const int64_t dim : dims) product *= dim;
  return product;
}

/// Makes tensors of seeded values, -0.5 to 0.5.
class TensorMaker {
 public:
  void add(const std::string& name, const std::vector<int64_t>& dims, float least = -0.5f) {
    NamedTensor tensor{name, dims, std::vector<float>(static_cast<size_t>(count(dims)))};
    for (float& value : tensor.values) value = least + static_cast<float>(random_() % 4096) / 4096;
    tensors.push_back(std::move(tensor));
  }
  void torch_norm(const std::string& layer, int64_t channels) {
    add(layer + ".weight", {channels});
    add(layer + ".bias", {channels});
    add(layer + ".running_mean", {channels});
    add(layer + ".running_var", {channels}, 0.01f);
  }
  void torch_layer(const std::string& layer, const std::vector<int64_t>& dims, bool bias = true) {
    add(layer + ".weight", dims);
    if (bias) add(layer + ".bias", {dims[0]});
  }
  /// `dims` end with the output channels.
  void keras_layer(const std::string& layer, const std::vector<int64_t>& dims) {
    add(layer + "/kernel", dims);
    add(layer + "/bias", {dims.back()});
  }
  void keras_norm(const std::string& layer, int64_t channels) {
    for (const char* role : {"/gamma", "/beta", "/moving_mean"}) add(layer + role, {channels});
    add(layer + "/moving_variance", {channels}, 0.01f);
  }

  NamedTensors tensors;

 private:
  std::mt19937 random_{7};
};

/// torchvision's vgg11_bn with widths 3 to 10, hidden units 12 and 11, 7 classes, 2 x 2 pooled.
inline NamedTensors torch_vgg11_bn() {
  TensorMaker make;
  int64_t channels = 3;
  for (const int position : {0, 4, 8, 11, 15, 18, 22, 25}) {
    const int64_t in = channels;
    channels = position == 0 ? 3 : channels + 1;
    make.torch_layer(joined("features.", position), {channels, in, 3, 3});
    make.torch_norm(joined("features.", position + 1), channels);
  }
  make.torch_layer("classifier.0", {12, channels * 2 * 2});
  make.torch_layer("classifier.3", {11, 12});
  make.torch_layer("classifier.6", {7, 11});
  return make.tensors;
}

/// torchvision's alexnet with widths 4 to 8, hidden units 12 and 11, 7 classes, 3 x 3 pooled.
inline NamedTensors torch_alexnet() {
  TensorMaker make;
  int64_t channels = 3;
  for (const auto& [position, kernel] : {std::pair{0, 11}, {3, 5}, {6, 3}, {8, 3}, {10, 3}}) {
    make.torch_layer(joined("features.", position), {channels + 1, channels, kernel, kernel});
    ++channels;
  }
  make.torch_layer("classifier.1", {12, channels * 3 * 3});
  make.torch_layer("classifier.4", {11, 12});
  make.torch_layer("classifier.6", {7, 11});
  return make.tensors;
}

/// torchvision's squeezenet1_1 with a stem of 4 channels, fires of 2, 3 and 4 that grow by one, 7
/// classes.
inline NamedTensors torch_squeezenet1_1() {
  TensorMaker make;
  make.torch_layer("features.0", {4, 3, 3, 3});
  int64_t in = 4, grown = 0;
  for (const int position : {3, 4, 6, 7, 9, 10, 11, 12}) {
    const std::string fire = joined("features.", position);
    const int64_t squeeze = 2 + grown, narrow = 3 + grown, wide = 4 + grown;
    make.torch_layer(fire + ".squeeze", {squeeze, in, 1, 1});
    make.torch_layer(fire + ".expand1x1", {narrow, squeeze, 1, 1});
    make.torch_layer(fire + ".expand3x3", {wide, squeeze, 3, 3});
    in = narrow + wide;
    ++grown;
  }
  make.torch_layer("classifier.1", {7, in, 1, 1});
  return make.tensors;
}

/// torchvision's resnet18 with stages of 4, 5, 6 and 7 channels, 7 classes.
inline NamedTensors torch_resnet18() {
  TensorMaker make;
  make.torch_layer("conv1", {4, 3, 7, 7}, false);
  make.torch_norm("bn1", 4);
  int64_t in = 4;
  for (int stage = 1; stage <= 4; ++stage) {
    const int64_t channels = 3 + stage;
    for (int i = 0; i < 2; ++i, in = channels) {
      const std::string block = joined("layer", stage, ".", i);
      make.torch_layer(block + ".conv1", {channels, in, 3, 3}, false);
      make.torch_norm(block + ".bn1", channels);
      make.torch_layer(block + ".conv2", {channels, channels, 3, 3}, false);
      make.torch_norm(block + ".bn2", channels);
      if (in == channels) continue;
      make.torch_layer(block + ".downsample.0", {channels, in, 1, 1}, false);
      make.torch_norm(block + ".downsample.1", channels);
    }
  }
  make.torch_layer("fc", {7, in});
  return make.tensors;
}

/// torchvision's names of a bottleneck net of 50 layers with a stem of 4 channels, stages of
/// `inner` times 1, 2, 3 and 4 inner channels, 7 classes.
inline NamedTensors torch_bottlenecks(int64_t inner, int64_t expansion, int64_t groups) {
  TensorMaker make;
  make.torch_layer("conv1", {4, 3, 7, 7}, false);
  make.torch_norm("bn1", 4);
  int64_t in = 4;
  const std::array<int, 4> depths{3, 4, 6, 3};
  for (int stage = 1; stage <= 4; ++stage) {
    const int64_t width = inner * stage, outer = width * expansion;
    for (int i = 0; i < depths[stage - 1]; ++i, in = outer) {
      const std::string block = joined("layer", stage, ".", i);
      const auto add = [&](int number, const std::vector<int64_t>& dims) {
        make.torch_layer(joined(block, ".conv", number), dims, false);
        make.torch_norm(joined(block, ".bn", number), dims[0]);
      };
      add(1, {width, in, 1, 1});
      add(2, {width, width / groups, 3, 3});
      add(3, {outer, width, 1, 1});
      if (i > 0) continue;
      make.torch_layer(block + ".downsample.0", {outer, in, 1, 1}, false);
      make.torch_norm(block + ".downsample.1", outer);
    }
  }
  make.torch_layer("fc", {7, in});
  return make.tensors;
}

/// A ResNet-20 for CIFAR with stages of 4, 7 and 9 channels, 7 classes; `shortcut`: the name of its
/// shortcuts' modules, empty where they have no weights.
inline NamedTensors torch_cifar_resnet20(const std::string& shortcut) {
  TensorMaker make;
  make.torch_layer("conv1", {4, 3, 3, 3}, false);
  make.torch_norm("bn1", 4);
  int64_t in = 4, stage = 0;
  for (const int64_t channels : {4, 7, 9}) {
    ++stage;
    for (int i = 0; i < 3; ++i, in = channels) {
      const std::string block = joined("layer", stage, ".", i);
      make.torch_layer(block + ".conv1", {channels, in, 3, 3}, false);
      make.torch_norm(block + ".bn1", channels);
      make.torch_layer(block + ".conv2", {channels, channels, 3, 3}, false);
      make.torch_norm(block + ".bn2", channels);
      if (in == channels || shortcut.empty()) continue;
      make.torch_layer(joined(block, ".", shortcut, ".0"), {channels, in, 1, 1}, false);
      make.torch_norm(joined(block, ".", shortcut, ".1"), channels);
    }
  }
  make.torch_layer("linear", {7, in});
  return make.tensors;
}

/// Keras's VGG16 with widths 4 to 16, a map of 2 x 2 flattened, hidden units 12 and 11, 7 classes.
inline NamedTensors keras_vgg16() {
  TensorMaker make;
  int64_t channels = 3;
  const std::array<int, 5> depths{2, 2, 3, 3, 3};
  for (int block = 1; block <= 5; ++block) {
    for (int i = 1; i <= depths[block - 1]; ++i, ++channels) {
      make.keras_layer(joined("block", block, "_conv", i), {3, 3, channels, channels + 1});
    }
  }
  make.keras_layer("fc1", {2 * 2 * channels, 12});
  make.keras_layer("fc2", {12, 11});
  make.keras_layer("predictions", {11, 7});
  return make.tensors;
}

/// Keras's ResNet50 with stages of 2, 3, 4 and 5 inner channels, 7 classes; `old`: with its layers'
/// names of before 2019.
inline NamedTensors keras_resnet50(bool old) {
  TensorMaker make;
  make.keras_layer(old ? "conv1" : "conv1_conv", {7, 7, 3, 4});
  make.keras_norm(old ? "bn_conv1" : "conv1_bn", 4);
  const std::array<int, 4> depths{3, 4, 6, 3};
  const std::array<const char*, 4> branches{"1", "2a", "2b", "2c"};
  int64_t in = 4;
  for (int stage = 2; stage <= 5; ++stage) {
    const int64_t inner = stage;
    for (int i = 0; i < depths[stage - 2]; ++i, in = 4 * inner) {
      const auto add = [&](int number, const std::vector<int64_t>& dims) {
        const std::string place = joined(stage, static_cast<char>('a' + i), "_branch");
        const std::string stem = joined("conv", stage, "_block", i + 1, "_", number);
        make.keras_layer(old ? "res" + place + branches[number] : stem + "_conv", dims);
        make.keras_norm(old ? "bn" + place + branches[number] : stem + "_bn", dims.back());
      };
      if (i == 0) add(0, {1, 1, in, 4 * inner});
      add(1, {1, 1, in, inner});
      add(2, {3, 3, inner, inner});
      add(3, {1, 1, inner, 4 * inner});
    }
  }
  make.keras_layer(old ? "fc1000" : "predictions", {in, 7});
  return make.tensors;
}

}  // namespace hdecomp::file_testing
