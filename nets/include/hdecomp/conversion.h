/// What a user says of another framework's weight file, and what its conversion took for granted.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "hdecomp/preprocess.h"

namespace hdecomp {

/// The order of the channels that a network's first convolution reads.
enum class ChannelOrder { rgb, bgr };
inline constexpr const char* channel_orders[] = {"rgb", "bgr"};

/// How the network's training made its input, as far as the user says it. What is not said stays
/// the framework's own: torchvision's (shorter side 256, crop 224, RGB, 0 to 1, ImageNet's mean and
/// deviation) or Keras's "caffe" mode (both sides 224, BGR, 0 to 255, ImageNet's mean alone).
struct InputStatement {
  std::optional<Resize> resize = {};  // together with `size`
  PixelSize size = 0;                 // 0: not said
  PixelSize crop = 0;                 // 0: not said
  // Numbers for every channel in the network's order, or one for all; none where not said.
  std::vector<float> mean = {}, std = {};
  std::optional<ChannelOrder> channel_order = {};
  std::optional<Interpolation> interpolation = {};
  std::optional<int> pixel_range = {};  // 1 or 255: pixels, mean and deviation are on 0 to this
};

struct ConvertOptions {
  // Recognised from the tensors' names, of an ONNX file from what its nodes compute, where empty;
  // "graph": an ONNX file keeps its own layer names and stages.
  std::string arch = {};
  std::string classes_file = {};  // class names, in any of the forms of weights/file/class_names.h
  // Of a file that holds several networks, the one to take: a checkpoint's dict of tensors
  // ("state_dict_ema", or inside others "a.b"), or the first word of its tensors' names ("teacher"
  // of student. and teacher.).
  std::string key = {};
  std::optional<bool> stride_in_1x1 =
      {};  // of a ResNet's bottlenecks; the framework's where not said
  InputStatement input = {};
  // Of an ONNX file: the layers that end its stages; found by the maps' sizes where empty.
  std::vector<std::string> stages = {};
  bool weights_16 = false;  // rounds the weights to 16 bits, as which the file holds them
};

/// ConvertOptions::stride_in_1x1, said by the kernels of the convolutions that have the strides: 1
/// (Caffe's) or 3 (torchvision's); 0: not said. Throws UserError for others.
inline std::optional<bool> stride_in_1x1_of(int bottleneck_strides) {
  if (bottleneck_strides == 0) return std::nullopt;
  if (bottleneck_strides != 1 && bottleneck_strides != 3) {
    throw UserError(
        joined("bottleneck_strides ", bottleneck_strides, "; give 1, 3, or 0 for the usual ones"));
  }
  return bottleneck_strides == 1;
}

/// What a conversion settled on, for the user to check.
struct ConversionNotes {
  // Preprocess is for RGB on 0 to 1; these are the same numbers as the network's training knew
  // them.
  ChannelOrder channel_order = ChannelOrder::rgb;
  int pixel_range = 1;
  std::array<float, 3> mean{}, std{};
  std::vector<std::string> assumed;  // one line each: what the file does not say, or holds beside
};

}  // namespace hdecomp
