/// A network some of whose channels are constants: as if they had been switched off in it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "weights/model/model_file.h"

namespace hdecomp {

/// Channels of a node, and for each the number that all its features become.
struct FilledNode {
  int node = 0;
  std::vector<int32_t> channels;
  std::vector<float> values;
};

/// The network with an affine node behind each of these, 1 x + 0 for the channels that stay and
/// 0 x + value for the filled ones, which takes the node's name and its place as a stage's end: no
/// gradient passes a filled channel. The weights are the given network's. No node twice; nothing is
/// checked but that the numbers exist.
std::shared_ptr<const ModelData> with_filled_channels(const std::shared_ptr<const ModelData>& model,
                                                      std::span<const FilledNode> filled);

}  // namespace hdecomp
