/// What of an ONNX model is read: the scores, the nodes that they are computed from, the image.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hdecomp/pixel_size.h"
#include "weights/onnx/schema.h"

namespace hdecomp::onnx {

/// The tensor of the class scores: what a final softmax or sigmoid is computed from, else the first
/// output. `said`: lines for the user.
std::string scores_tensor(const RawModel& model, std::vector<std::string>& said);

/// Drops the nodes that `output` does not depend on. Returns how often each tensor is read; a Shape
/// does not read values.
std::map<std::string, int64_t> drop_unread_nodes(RawModel& model, const std::string& output);

/// The input that is no initialiser.
struct ImageInput {
  std::string name;
  std::vector<int64_t> dims;  // none open
  PixelSize size = {};
  bool last = false;  // channels are the last axis
  bool grey = false;  // one channel
};

/// `size`: what the user asks for, 0 for the file's own. Throws UserError if there is no
/// such input, more than one, or it is no image.
ImageInput image_input(const RawModel& model, const std::map<std::string, int64_t>& readers,
                       const PixelSize& size, std::vector<std::string>& said);

}  // namespace hdecomp::onnx
